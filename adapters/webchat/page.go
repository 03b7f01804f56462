package webchat

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"
)

//go:embed static/*
var static embed.FS

var templates = template.Must(template.ParseFS(static, "static/*.html"))

// contentPolicy lets the page run its one script and style from here and nothing else:
// text that became markup by mistake would stay dead.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func harden(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
}

// look is what the templates are filled with.
type look struct {
	Base    string // of every address in the page
	Version string
	Demo    bool
	Nearby  bool // the visitor may choose without a link
	Strip   bool
	People  []choice
}

func (a *Adapter) pages(mux *http.ServeMux) {
	version := assetVersion()
	page := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, a.linked(f))
	}
	page("GET /chat", func(w http.ResponseWriter, r *http.Request) error {
		_, err := a.signedIn(r)
		if err == errNotSignedIn {
			http.Redirect(w, r, a.base+"/chat/signin", http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		return show(w, "chat.html", look{Base: a.base, Version: version, Demo: a.o.Demo, Strip: a.o.Strip != nil})
	})
	page("GET /chat/{$}", func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, a.base+"/chat", http.StatusSeeOther)
		return nil
	})
	page("GET /chat/signin", func(w http.ResponseWriter, r *http.Request) error {
		l := look{Base: a.base, Version: version, Demo: a.o.Demo}
		if a.o.Demo {
			_, err := a.signedIn(r)
			l.People, l.Nearby = a.choices(), loopback(r) || err == nil
		}
		return show(w, "signin.html", l)
	})
	mux.Handle("GET /chat/static/{file}", a.guard(func(w http.ResponseWriter, r *http.Request) error {
		return asset(w, r, version)
	}))
}

func show(w http.ResponseWriter, name string, l look) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, l); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes())
	return nil
}

// asset serves an embedded file. Its address carries the version, so that a new program
// is never seen with an old script.
func asset(w http.ResponseWriter, r *http.Request, version string) error {
	name := r.PathValue("file")
	kinds := map[string]string{"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
	_, ext, _ := strings.Cut(name, ".")
	b, err := static.ReadFile("static/" + name)
	if err != nil || kinds[ext] == "" {
		return errNoSuchPage
	}
	if r.URL.Query().Get("v") == version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	w.Header().Set("Content-Type", kinds[ext]+"; charset=utf-8")
	w.Write(b)
	return nil
}

func assetVersion() string {
	h := sha256.New()
	for _, name := range []string{"app.js", "app.css"} {
		b, err := static.ReadFile("static/" + name)
		if err != nil {
			panic(err) // embedded above
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
