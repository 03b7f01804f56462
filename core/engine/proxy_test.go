package engine_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between the program and PostgreSQL and breaks what a network breaks.
type proxy struct {
	net.Listener
	server string

	mu      sync.Mutex // guards what follows
	moved   *sync.Cond
	frozen  bool
	refuse  bool
	cut     cut
	conns   map[net.Conn]bool
	running sync.WaitGroup
}

// cut is what happens to the next COMMIT.
type cut int

const (
	nothing cut = iota
	before      // it never arrives
	after       // it is done, and its answer is lost
)

// newProxy returns a proxy and the address through it.
func newProxy(t *testing.T, address string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: l, server: u.Host, conns: map[net.Conn]bool{}}
	p.moved = sync.NewCond(&p.mu)
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.set(func() { p.frozen = false })
		p.reset()
		p.running.Wait()
	})
	u.Host = l.Addr().String()
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return p, u.String()
}

func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.moved.Broadcast()
}

// reset breaks every connection.
func (p *proxy) reset() {
	p.set(func() {
		for c := range p.conns {
			_ = c.Close()
		}
		clear(p.conns)
	})
}

func (p *proxy) accept() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		p.mu.Lock()
		refuse := p.refuse || err != nil
		if !refuse {
			p.conns[client], p.conns[server] = true, true
		}
		p.mu.Unlock()
		if refuse {
			_ = client.Close()
			continue
		}
		p.running.Go(func() { p.copy(server, client, true) })
		p.running.Go(func() { p.copy(client, server, false) })
	}
}

// copy moves bytes one way until a connection ends.
func (p *proxy) copy(to, from net.Conn, toServer bool) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		for p.frozen {
			p.moved.Wait()
		}
		breaks := nothing
		if toServer && bytes.Contains(buf[:n], []byte("commit\x00")) {
			breaks, p.cut = p.cut, nothing
		}
		p.mu.Unlock()
		if breaks == before {
			return
		}
		if breaks == after {
			_ = from.Close() // the client is gone; the other direction has nobody to tell
			_, _ = to.Write(buf[:n])
			_, _ = to.Read(buf)
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
