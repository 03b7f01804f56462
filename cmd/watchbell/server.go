package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/adapters/api"
	"github.com/watchbell/watchbell/adapters/ingress"
	"github.com/watchbell/watchbell/adapters/ntfy"
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

const (
	// stopWithin bounds an orderly end: what is in flight finishes, then the program ends.
	stopWithin = 9 * time.Second
	// answerWithin is what requests in flight get of that; the rest is for sends.
	answerWithin = 4 * time.Second
	// readWithin is how long somebody may take to take an answer.
	readWithin = 30 * time.Second
)

// server is the whole service: HTTP in front, engine and bot behind.
type server struct {
	engine   *engine.Engine
	bot      *bot.Bot
	listener net.Listener
	handler  http.Handler
	metrics  http.Handler
	log      *slog.Logger
	drain    time.Duration
	cert     string // file names; "" is plain HTTP
	key      string
	stopping atomic.Bool
	streams  context.Context // ends when streams shall
}

type serverOptions struct {
	listen    string
	publicURL string // "": http:// and the listener's address
	drain     time.Duration
	cert, key string
	adminKey  core.Secret
	settings  adapters.Settings
	webchat   webchat.Options
}

// newServer listens and wires everything; nothing runs before run.
func newServer(e *engine.Engine, o serverOptions, log *slog.Logger) (*server, error) {
	if err := checkPair(o.cert, o.key); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	public, err := publicURL(o.publicURL, l.Addr().String(), o.cert != "")
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s := &server{engine: e, listener: l, log: log, metrics: metrics(e), drain: o.drain, cert: o.cert, key: o.key}
	o.webchat.PublicURL, o.webchat.Log = public.String(), log
	platforms := adapters.All(e, o.settings, adapters.Options{
		WebChat: o.webchat, Ntfy: ntfy.Options{PublicURL: public.String(), Log: log}})
	s.bot = bot.New(e, platforms, bot.Options{PublicURL: public.String(), Log: log})
	s.handler = s.routes(platforms, public, o)
	return s, nil
}

// publicURL is where people reach the server, without a slash at its end.
func publicURL(given, listen string, encrypted bool) (*url.URL, error) {
	if host, port, err := net.SplitHostPort(listen); err == nil && net.ParseIP(host).IsUnspecified() {
		listen = net.JoinHostPort("localhost", port)
	}
	if given == "" {
		given = "http://" + listen
		if encrypted {
			given = "https://" + listen
		}
	}
	u, err := url.Parse(strings.TrimRight(given, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("%q is not a public URL", given), Do: "Write it like https://watchbell.example.com/base"}
	}
	return u, nil
}

func (s *server) routes(platforms map[string]bot.Adapter, public *url.URL, o serverOptions) http.Handler {
	mux := http.NewServeMux()
	s.health(mux)
	ingress.New(s.engine, ingress.Options{Log: s.log}).Routes(mux)
	api.New(s.engine, api.Options{AdminKey: o.adminKey, PublicURL: public.String(), Log: s.log}).Routes(mux)
	for _, p := range platforms {
		if web, ok := p.(bot.Web); ok {
			web.Routes(mux, s.bot)
		}
	}
	if o.settings.WebChat.Enabled {
		mux.Handle("GET /{$}", http.RedirectHandler(public.Path+"/chat", http.StatusFound))
	}
	h := s.bounded(mux)
	if public.Path == "" {
		return h
	}
	outer := http.NewServeMux()
	s.health(outer)                                                                    // who looks after the process does not come through the proxy
	outer.Handle(public.Path, http.RedirectHandler(public.Path+"/", http.StatusFound)) // as people type it
	outer.Handle("/", http.StripPrefix(public.Path, h))
	return outer
}

func (s *server) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics)
}

// ready tells a load balancer whether to send work here.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.stopping.Load():
		http.Error(w, "stopping", http.StatusServiceUnavailable)
	case !s.engine.Ready():
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
	default:
		fmt.Fprintln(w, "ready")
	}
}

// bounded cuts bodies that come and answers that are taken too slowly, ends streams when
// the program stops, and confines a panic to its request.
func (s *server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(15 * time.Second))
		}
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(s.streams, cancel)()
			r = r.WithContext(ctx)
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(readWithin)) // a stream sets its own
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { // compared by identity, as net/http does
					panic(p)
				}
				s.log.Error("panic in a request", "method", r.Method, "err", p)
				http.Error(w, `{"status":500,"message":"Something went wrong on our side.","code":"INTERNAL_ERROR"}`, http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// run serves until ctx ends, then stops in order: not ready at once, the listener open
// for the drain, requests finished, then engine and bot, within ten seconds in all.
func (s *server) run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	streams, stopStreams := context.WithCancel(work)
	defer stopStreams()
	s.streams = streams
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return work },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	g, failed := errgroup.WithContext(work)
	g.Go(func() error { return s.serve(h) })
	g.Go(func() error { return s.engine.Run(failed) })
	g.Go(func() error { return s.bot.Run(failed) })
	select {
	case <-ctx.Done():
	case <-failed.Done():
	}
	begin := time.Now()
	s.stopping.Store(true)
	s.log.Info("stopping", "drain", s.drain)
	select {
	case <-time.After(s.drain):
	case <-failed.Done():
	}
	stopStreams()
	end, cancel := context.WithTimeout(work, answerWithin)
	defer cancel()
	if err := h.Shutdown(end); err != nil {
		s.log.Warn("finish requests", "err", errors.Join(err, h.Close()))
	}
	stopWork()
	return s.wait(g, begin.Add(stopWithin))
}

// wait gives engine and bot until the deadline; what they hold then is leased to somebody
// else later.
func (s *server) wait(g *errgroup.Group, until time.Time) error {
	done := make(chan error, 1)
	go func() { done <- g.Wait() }()
	select {
	case err := <-done:
		s.log.Info("stopped")
		return err
	case <-time.After(time.Until(until)):
		s.log.Warn("stopped while work was in flight; it will be done by another replica or at the next start")
		return nil
	}
}

func (s *server) serve(h *http.Server) error {
	var err error
	if s.cert != "" {
		h.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: reloading(s.cert, s.key, s.log)}
		err = h.ServeTLS(s.listener, "", "")
	} else {
		err = h.Serve(s.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}
