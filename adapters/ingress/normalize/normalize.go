package normalize

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Raw is a request as a normaliser sees it: the body unpacked, within limits, and UTF-8.
type Raw struct {
	Body   []byte
	Header http.Header
	Query  url.Values
	Path   string
}

// Func turns a request of one tool into events, in the order in which they stand there.
// No events and no error means that the tool said nothing that concerns us. An error is
// core.Invalid: the request can never work. It reads no clock and looks nothing up; the
// same Raw gives the same events.
type Func func(Raw) ([]core.Event, error)

// By is the normaliser for a path's slug and the type of the source whose key was used.
// An unknown slug falls to the type, and an unknown type to Generic; it never fails.
func By(slug, sourceType string) Func {
	if f, ok := bySlug[strings.ToLower(slug)]; ok {
		return f
	}
	if f, ok := bySlug[strings.ToLower(sourceType)]; ok {
		return f
	}
	return Generic
}

// bySlug has the integration types in lower case, the tools' own names, and the slugs
// that senders carry in their code.
var bySlug = map[string]Func{
	"api": Generic, "generic": Generic, "push": Generic, "generic-webhook": Generic, "webhook": Generic,
	"formatted-webhook": Generic, "ilert-events": Generic, "events": Generic, "kafka": Generic, "mqtt": Generic,

	"prometheus": Alertmanager, "alertmanager": Alertmanager, "loki": Alertmanager, "mimir": Alertmanager,
	"cortex": Alertmanager, "victoriametrics": Alertmanager, "vmalert": Alertmanager,

	"grafana": Grafana, "grafana-alerting": Grafana,
	"rollbar": rollbar.Normalize,
	"checkmk": checkmk.Normalize, "checkmk-ext": checkmk.Normalize,
}
