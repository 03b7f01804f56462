package api

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/watchbell/watchbell/core"
)

// FuzzManualAlert: whatever is sent is read or refused as the sender's fault.
func FuzzManualAlert(f *testing.F) {
	for _, text := range []string{`{"summary":"x","alertSource":{"id":"1"},"responders":[{"user":{"id":1}}]}`, `{"alertSource":[]}`,
		`{"severity":"SEV1"}`, `{"customDetails":[1,{"a":null}]}`, `{"responders":{}}`, "\xff", `{"alertSource":{"id":{"id":1}}}`, `null`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m manualAlert
		if err := readable(json.Unmarshal(text, &m)); err != nil && core.KindOf(err) != core.Invalid {
			t.Errorf("%q: %v", text, err)
		}
		if !json.Valid(m.Custom) && len(m.Custom) > 0 {
			t.Errorf("%q: kept as custom details: %q", text, m.Custom)
		}
	})
}

// FuzzQuery: parameters are read or refused, and a time that is read is one.
func FuzzQuery(f *testing.F) {
	f.Add("from=2026-01-05T09:00:00%2B01:00&until=2026-01-06&max-results=1&start-index=2&states=PENDING,RESOLVED")
	f.Add("from=2026-01-05 09:00&max-results=-0&start-index=+1")
	f.Fuzz(func(t *testing.T, query string) {
		q, _ := url.ParseQuery(query)
		c := &call{query: q}
		start, n, err := c.page(50, 100)
		if err == nil && (start < 0 || start > farthest || n < 0 || n > 100) {
			t.Errorf("%q: page from %d, %d long", query, start, n)
		}
		from, until, err := c.window(time.UTC)
		if err == nil && !from.IsZero() && !until.IsZero() && until.Before(from) {
			t.Errorf("%q: until %s is before from %s", query, until, from)
		}
	})
}
