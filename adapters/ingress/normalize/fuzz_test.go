package normalize

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/watchbell/watchbell/core"
)

// fuzz asserts of a normaliser what holds for any bytes: no panic, sound events, the same
// ones again, and no error but Invalid.
func fuzz(f *testing.F, normalise Func) {
	for _, raw := range recorded(f) {
		f.Add(raw.Body, raw.Header.Get("Content-Type"))
	}
	f.Fuzz(func(t *testing.T, body []byte, media string) {
		raw := Raw{Body: body, Header: http.Header{"Content-Type": {media}}}
		events, err := normalise(raw)
		if err != nil && core.KindOf(err) != core.Invalid {
			t.Errorf("%v is not Invalid", err)
		}
		mustBeSound(t, body, events)
		again, _ := normalise(raw)
		if !reflect.DeepEqual(events, again) {
			t.Errorf("got %v, then %v", events, again)
		}
		Redact(raw)
		if items, err := Items(raw); err == nil && len(items) == 0 {
			t.Error("a body came apart into nothing")
		}
	})
}

func FuzzGeneric(f *testing.F)      { fuzz(f, Generic) }
func FuzzEvent(f *testing.F)        { fuzz(f, Event) }
func FuzzAlertmanager(f *testing.F) { fuzz(f, Alertmanager) }
func FuzzGrafana(f *testing.F)      { fuzz(f, Grafana) }
func FuzzRollbar(f *testing.F)      { fuzz(f, rollbar.Normalize) }
func FuzzCheckmk(f *testing.F)      { fuzz(f, checkmk.Normalize) }
