package ntfy_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/ntfy"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// world is the whole program in a bubble of fake time, with a web chat that is scripted
// and ntfy's server reached without a network.
type world struct {
	*testing.T
	e     *engine.Engine
	chat  *simtest.Platform
	ntfy  *server
	mux   *http.ServeMux
	alert core.AlertID
}

// direct carries requests to a handler, as the network would.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, e: newEngine(t, nil), chat: simtest.New("webchat", simtest.Everything()), ntfy: &server{t: t}, mux: http.NewServeMux()}
		a := ntfy.New(w.e, settings(t, "ntfy: {url: http://push.test, token: {env: NTFY_TOKEN}}"),
			ntfy.Options{PublicURL: "https://watchbell.test", Client: &http.Client{Transport: direct{w.ntfy}}})
		b := bot.New(w.e, map[string]bot.Adapter{"webchat": w.chat, ntfy.Platform: a}, bot.Options{PublicURL: "https://watchbell.test"})
		a.Routes(w.mux, b)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { require.NoError(t, w.e.Run(ctx)) })
		running.Go(func() { require.NoError(t, b.Run(ctx)) })
		src, _ := w.e.Snapshot().SourceNamed("prometheus")
		got, err := w.e.Ingest(ctx, engine.Request{Source: src.ID, Events: []core.Event{{Type: core.EventAlert, Key: "k", Summary: "db-3 disk 96 %"}}})
		require.NoError(t, err)
		w.alert = got[0].Alert
		w.sleep(time.Second)
		test(w)
		cancel()
		running.Wait()
	})
}

func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) now() core.Alert {
	w.Helper()
	var v store.AlertView
	require.NoError(w, w.e.DB.View(w.Context(), func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(w.Context(), w.alert)
		return err
	}))
	return v.Alert
}

// do sends a request to a button's address.
func (w *world) do(method, address string) (int, string) {
	w.Helper()
	u, err := url.Parse(address)
	require.NoError(w, err)
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, httptest.NewRequest(method, u.Path, nil))
	body, err := io.ReadAll(rec.Body)
	require.NoError(w, err)
	return rec.Code, string(body)
}

// TestNotifyDecidesWhatReachesWhomWhen: Ana's web chat at once, her phone a minute later
// and twice more; then Ben, who set nothing.
func TestNotifyDecidesWhatReachesWhomWhen(t *testing.T) {
	inWorld(t, func(w *world) {
		count := func(chat, ana, ben int) {
			w.Helper()
			topics := map[string]int{}
			for _, n := range w.ntfy.sent() {
				topics[n.Topic]++
			}
			require.Equal(w, []int{chat, ana, ben}, []int{len(w.chat.Posts("@ana")), topics["ana-7Qf3k"], topics["ben-x81Lm"]})
		}
		count(1, 0, 0)
		w.sleep(58 * time.Second)
		count(1, 0, 0)
		w.sleep(2 * time.Second)
		count(1, 1, 0)
		w.sleep(2 * time.Minute)
		count(1, 2, 0)
		w.sleep(2 * time.Minute)
		count(1, 3, 0)
		w.sleep(4 * time.Minute)
		count(1, 3, 0)
		w.sleep(time.Minute)
		count(1, 3, 1)
		first := w.ntfy.sent()[0]
		require.Equal(w, "#1 PENDING", first.Title)
		require.Equal(w, "Still pending, 2nd call: db-3 disk 96 %. #1", first.Message)
		require.Equal(w, 5, first.Priority)
	})
}

func TestOnePressAccepts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sleep(time.Minute)
		address := w.ntfy.sent()[0].Actions[0].URL
		status, body := w.do("GET", address)
		require.Equal(w, http.StatusOK, status)
		require.Contains(w, body, "Opening this page does not answer the page")
		require.Contains(w, body, `<form method="post">`)
		require.Equal(w, core.Pending, w.now().Status, "a GET never acts")

		status, body = w.do("POST", address)
		require.Equal(w, http.StatusOK, status, body)
		require.Contains(w, body, "You have #1: db-3 disk 96 %.")
		a := w.now()
		require.Equal(w, core.Accepted, a.Status)
		w.sleep(time.Hour)
		require.Len(w, w.ntfy.sent(), 1, "no page after an accept")
		status, _ = w.do("POST", address)
		require.Equal(w, http.StatusOK, status, "a phone that asks again hears the same")
		require.Equal(w, a.Rev, w.now().Rev, "and nothing happens twice")
	})
}

func TestAButtonIsDeadOnceTheAlertHasMovedOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sleep(3 * time.Minute)
		require.Len(w, w.ntfy.sent(), 2)
		first, second := w.ntfy.sent()[0].Actions[0].URL, w.ntfy.sent()[1].Actions[0].URL
		require.NotEqual(w, first, second, "one token for each page")
		act := func(in core.Input, by string) {
			w.Helper()
			_, err := w.e.Do(w.Context(), engine.Command{Alert: w.alert, Input: in, By: user(w.T, w.e, by), Actor: "t"})
			require.NoError(w, err)
		}
		status, _ := w.do("POST", first)
		require.Equal(w, http.StatusOK, status, "an older page of the same alert still answers")
		act(core.Unaccept{By: user(w.T, w.e, "ana")}, "ana")
		status, body := w.do("POST", first)
		require.Equal(w, http.StatusGone, status, "a press acts once, whatever came after it")
		require.Contains(w, body, "You pressed this before: #1 is pending now")
		require.Equal(w, core.Pending, w.now().Status)
		act(core.Accept{By: user(w.T, w.e, "ben")}, "ben")
		status, body = w.do("POST", second)
		require.Equal(w, http.StatusGone, status)
		require.Contains(w, body, "Ben accepted")
		act(core.Resolve{By: user(w.T, w.e, "ben")}, "ben")
		status, body = w.do("POST", second)
		require.Equal(w, http.StatusGone, status)
		require.Contains(w, body, "was resolved by Ben")
	})
}

func TestForgedTokensDoNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sleep(time.Minute)
		address := w.ntfy.sent()[0].Actions[0].URL
		token := strings.Split(address, "/")[4]
		raw, err := base64.RawURLEncoding.DecodeString(token)
		require.NoError(w, err)
		other := append(append([]byte{}, raw[:16]...), strings.Replace(string(raw[16:]), "1/", "2/", 1)...)
		for _, forged := range []string{"x", "", token[:len(token)-2], token + "AA", base64.RawURLEncoding.EncodeToString(other),
			base64.RawURLEncoding.EncodeToString(make([]byte, 16)), strings.Repeat("A", 5000)} {
			for _, method := range []string{"GET", "POST"} {
				status, body := w.do(method, strings.Replace(address, token, forged, 1))
				require.Contains(w, []int{http.StatusNotFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect}, status, "%s %q", method, forged)
				require.NotContains(w, body, "db-3")
			}
		}
		for _, method := range []string{"PUT", "DELETE"} {
			status, _ := w.do(method, address)
			require.Equal(w, http.StatusMethodNotAllowed, status)
		}
		require.Equal(w, core.Pending, w.now().Status)
	})
}

// TestAServerThatRefusesPagesTheNextLevel: what only ntfy could have told goes on at once.
func TestAServerThatRefusesPagesTheNextLevel(t *testing.T) {
	inWorld(t, func(w *world) {
		w.ntfy.failing(func(rw http.ResponseWriter, _ int) bool {
			refuse(rw, http.StatusUnauthorized, 40101, "unauthorized")
			return true
		})
		_, err := w.e.Do(w.Context(), engine.Command{Alert: w.alert, Input: core.Escalate{By: user(w.T, w.e, "ana")}, By: user(w.T, w.e, "ana"), Actor: "t"})
		require.NoError(w, err)
		w.sleep(5 * time.Second)
		var log []string
		require.NoError(w, w.e.DB.View(w.Context(), func(tx *store.Tx) error {
			v, err := tx.AlertView(w.Context(), w.alert)
			for _, row := range v.Log {
				log = append(log, string(row.Type)+" "+row.Vars["reason"])
			}
			return err
		}))
		require.Contains(w, strings.Join(log, "\n"), "the ntfy server answered 401: unauthorized; its token must be allowed to write to this topic")
		require.True(w, w.now().LastResort, "Ben was the last level, so the last resort is paged at once")
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	inWorld(t, func(w *world) {
		var at []time.Time
		w.ntfy.failing(func(rw http.ResponseWriter, n int) bool {
			at = append(at, time.Now())
			if n > 1 {
				return false
			}
			rw.Header().Set("Retry-After", "17")
			refuse(rw, http.StatusTooManyRequests, 42901, "limit reached: too many requests, please be nice")
			return true
		})
		w.sleep(80 * time.Second)
		require.Len(w, at, 2)
		require.GreaterOrEqual(w, at[1].Sub(at[0]), 17*time.Second)
		require.Len(w, w.ntfy.sent(), 1)
	})
}
