package api

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

const (
	maxBody = 1 << 20
	// patience bounds one request, so that a database that hangs is a 503 while clients
	// still listen.
	patience = 4500 * time.Millisecond
)

// Options are what New needs beside the engine.
type Options struct {
	AdminKey  core.Secret  // works always, with role ADMIN; "": there is none
	PublicURL string       // what links in answers begin with, base path included
	Log       *slog.Logger // nil: discards
}

// API answers the management routes.
type API struct {
	engine *engine.Engine
	admin  [sha256.Size]byte // of the admin key
	locked bool              // there is no admin key
	public string
	log    *slog.Logger
	limits limits
}

// New makes the API of an engine. It does nothing by itself and needs no closing.
func New(e *engine.Engine, o Options) *API {
	a := &API{
		engine: e,
		admin:  sha256.Sum256([]byte(o.AdminKey.Reveal())),
		locked: o.AdminKey == "",
		public: strings.TrimRight(o.PublicURL, "/"),
		log:    o.Log,
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	return a
}

// Routes registers everything below /api, also the answer to paths that nobody else has
// registered there. It panics if a route does not say what its caller must be allowed to
// do.
func (a *API) Routes(mux *http.ServeMux) {
	for path, methods := range byPath(a.routes()) {
		for _, prefix := range []string{"/api", "/api/v1"} {
			mux.Handle(prefix+path, endpoint{a, methods})
		}
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, &refusal{status: http.StatusNotFound, code: "NOT_FOUND", text: "There is no such path."})
	})
}

// route is one thing that can be asked for. need is the operation its caller must be
// allowed; the same is asked for each object the route touches.
type route struct {
	method, path string
	need         core.Operation
	do           func(*call) (answer, error)
}

func byPath(routes []route) map[string]map[string]route {
	paths := map[string]map[string]route{}
	for _, r := range routes {
		if r.need == 0 {
			panic(fmt.Sprintf("%s %s does not say what its caller must be allowed to do", r.method, r.path))
		}
		if paths[r.path] == nil {
			paths[r.path] = map[string]route{}
		}
		if _, twice := paths[r.path][r.method]; twice {
			panic(fmt.Sprintf("%s %s is there twice", r.method, r.path))
		}
		paths[r.path][r.method] = r
	}
	return paths
}

// endpoint is one path with its methods.
type endpoint struct {
	api     *API
	methods map[string]route
}

// ServeHTTP answers one request.
func (p endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	route, ok := p.methods[method]
	if !ok {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(p.methods)), ", "))
		p.api.fail(w, r, &refusal{status: http.StatusMethodNotAllowed, code: "METHOD_NOT_ALLOWED",
			text: "This path does not know the method " + core.Line(r.Method, 20) + "."})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	r = r.WithContext(ctx)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	ans, err := p.api.serve(r, route)
	if err != nil {
		p.api.fail(w, r, err)
		return
	}
	ans.write(w)
}

func (a *API) serve(r *http.Request, t route) (answer, error) {
	who, err := a.authenticate(r)
	if err != nil {
		return answer{}, err
	}
	if err := a.limits.take(who.key, a.engine.Now()); err != nil {
		return answer{}, err
	}
	c := &call{api: a, r: r, ctx: r.Context(), who: who, need: t.need,
		snap: a.engine.Snapshot(), now: a.engine.Now(), query: r.URL.Query()}
	if err := c.mayAnywhere(); err != nil {
		return answer{}, err
	}
	return t.do(c)
}

// call is one request on its way through a route.
type call struct {
	api   *API
	r     *http.Request
	ctx   context.Context
	who   caller
	need  core.Operation
	snap  *engine.Snapshot
	now   time.Time
	query url.Values
}
