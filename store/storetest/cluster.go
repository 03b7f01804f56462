//go:build unix

package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// supervise starts a cluster in directory $1 with the binaries in $2 on port $3, which
// waits for the disk if $4 says so, and ends
// it when standard input does: the test process holds the other end, so the cluster ends
// with it, however it ends.
const supervise = `
	trap '' INT HUP TERM
	cd "$1" || exit 1
	"$2/initdb" --no-sync -D data -U watchbell -A password --pwfile=password -E UTF8 --locale=C >log 2>&1 &&
	"$2/postgres" -D data -h 127.0.0.1 -p "$3" -k "$1" -c max_connections=300 -c shared_buffers=64MB \
		-c fsync="$4" -c log_min_messages=fatal >>log 2>&1 &
	read -r never
	if [ -f data/postmaster.pid ]; then kill -QUIT "$(head -n 1 data/postmaster.pid)"; fi
	wait
	cd / && rm -rf "$1"
`

// cluster is a server. The pipe must stay referenced: collected, it would be closed, and
// the cluster with it.
type cluster struct {
	address string
	alive   io.Closer
}

// startCluster starts a throwaway cluster and returns once it answers.
func startCluster(fsync string) (cluster, error) {
	bin, err := binaries()
	if err != nil {
		return cluster{}, err
	}
	dir, err := os.MkdirTemp("", "watchbell-pg-")
	if err != nil {
		return cluster{}, err
	}
	password, port := rand.Text(), freePort()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(password), 0o600); err != nil {
		return cluster{}, err
	}
	cmd := exec.Command("sh", "-c", supervise, "sh", dir, bin, strconv.Itoa(port), fsync)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C must not end it before its cluster
	if err := giveUpRoot(cmd, dir); err != nil {
		return cluster{}, err
	}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return cluster{}, err
	}
	if err := cmd.Start(); err != nil {
		return cluster{}, err
	}
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("watchbell", password),
		Host: fmt.Sprintf("127.0.0.1:%d", port), Path: "/postgres",
	}
	return cluster{address.String(), alive}, waitFor(address.String(), dir)
}

// waitFor waits until the server answers.
func waitFor(dsn, dir string) error {
	var last error
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			err = conn.Close(ctx)
		}
		cancel()
		if last = err; err == nil {
			return nil
		}
		<-time.After(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return fmt.Errorf("the throwaway cluster does not answer: %w\n%s", last, log)
}

// binaries is the folder of initdb and postgres: from PATH, else the newest where
// distributions put them.
func binaries() (string, error) {
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(candidates, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		candidates = append([]string{path}, candidates...)
	}
	for _, c := range candidates {
		real, err := filepath.EvalSymlinks(c)
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(real), "postgres")); err == nil {
			return filepath.Dir(real), nil
		}
	}
	return "", errors.New("no initdb and postgres in PATH or /usr/lib/postgresql/*/bin")
}

// version is the 15 of /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// giveUpRoot makes cmd run as a user that PostgreSQL accepts, and the folder theirs.
func giveUpRoot(cmd *exec.Cmd, dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return errors.Join(os.Chown(dir, uid, gid), os.Chown(filepath.Join(dir, "password"), uid, gid))
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 54321
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
