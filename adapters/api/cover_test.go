package api

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

func (w *world) overrides() string { return fmt.Sprintf("/api/schedules/%d/overrides", w.primary) }

func TestOverrides(t *testing.T) {
	w := newWorld(t)
	var made overriddenBody
	body := `{"user":{"id":%d},"start":"2026-01-14T04:00","end":"2026-01-14T05:00:00+01:00"}`
	w.wants(200, "PUT", w.overrides(), fmt.Sprintf(body, w.cleo)).into(&made)
	require.Equal(t, "primary", made.Name)
	require.Equal(t, "cleo", made.Override.User.Username)
	require.Equal(t, "2026-01-14T03:00:00Z", made.Override.Start.text(), "a reading is the schedule's clock")
	require.Equal(t, "2026-01-14T04:00:00Z", made.Override.End.text())
	w.wants(200, "POST", w.overrides(), `{"user":"ana","start":"2026-01-14T01:00:00Z","end":"2026-01-14T02:30:00Z"}`).into(&made)
	require.Equal(t, w.now.Truncate(time.Second), made.Override.Start.Time, "it begins now")

	var list []overrideBody
	w.wants(200, "GET", w.overrides(), "").into(&list)
	require.Len(t, list, 2)
	require.Equal(t, "ana", list[0].User.Username, "by start")
	w.wants(200, "GET", w.overrides()+"?from=2026-01-14T03:30:00Z&until=2026-01-15", "").into(&list)
	require.Len(t, list, 1)

	w.wants(204, "DELETE", fmt.Sprintf("%s/%d", w.overrides(), list[0].ID), "")
	require.Equal(t, "CONFLICT", w.wants(409, "DELETE", fmt.Sprintf("%s/o%d", w.overrides(), list[0].ID), "").code())
	w.wants(404, "DELETE", fmt.Sprintf("/api/schedules/%d/overrides/%d", w.empty, made.Override.ID), "")
	w.now = w.now.Add(time.Hour)
	w.wants(409, "DELETE", fmt.Sprintf("%s/%d", w.overrides(), made.Override.ID), "")
	w.wants(200, "GET", w.overrides(), "").into(&list)
	require.Empty(t, list, "what is over is not listed")
}

func TestOverridesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	day := func(user string) string {
		return fmt.Sprintf(`{"user":{"username":%q},"start":"2026-01-15T00:00Z","end":"2026-01-16T00:00Z"}`, user)
	}
	w.wants(404, "PUT", "/api/schedules/99/overrides", day("ana"))
	for _, bad := range []string{day("nobody"), day("stan"), `{}`, `{"user":"ana","start":"2026-01-16","end":"tomorrow"}`,
		`{"user":"ana","start":"2026-01-16T00:00Z","end":"2026-01-15T00:00Z"}`,
		`{"user":"ana","start":"2026-01-01T00:00Z","end":"2026-01-02T00:00Z"}`,
		`{"user":"ana","start":"2026-01-15T00:00Z","end":"2027-02-15T00:00Z"}`} {
		require.Equal(t, "BAD_REQUEST", w.wants(400, "PUT", w.overrides(), bad).code(), bad)
	}
	w.keyFor(w.cleo, nil)
	w.wants(403, "PUT", w.overrides(), day("ana"))
	w.wants(200, "PUT", w.overrides(), day("cleo"))
	w.keyFor(w.dora, func(k *store.APIKey) { k.Role = core.Responder })
	w.wants(403, "DELETE", w.overrides()+"/1", "")
	w.keyFor(w.stan, nil)
	w.wants(403, "PUT", w.overrides(), day("stan"))
	w.key = ""
	w.wants(401, "PUT", w.overrides(), day("ana"))
}

func (w *world) cover(status int, method, path, body string) coverBody {
	w.t.Helper()
	var c coverBody
	r := w.wants(status, method, "/api/coverage-requests"+path, body)
	if status < 300 {
		r.into(&c)
	}
	return c
}

func TestCoverageRequests(t *testing.T) {
	w := newWorld(t)
	ask := fmt.Sprintf(`{"receivers":[{"id":%d},{"id":%d}],"shifts":[{"schedule":{"id":%d},"start":"2026-01-14T10:00:00Z","end":"2026-01-25T10:00:00Z"}],"message":"ski"}`, w.cleo, w.ana, w.primary)
	require.Equal(t, "BAD_REQUEST", w.wants(400, "POST", "/api/coverage-requests", ask).code(), "the admin key is nobody's")
	w.keyFor(w.ben, nil)
	c := w.cover(201, "POST", "", ask)
	require.Equal(t, schedules.CoverPending, c.State)
	require.Equal(t, "ski", c.Message)
	require.Len(t, c.Shifts, 1, "Ana's week after it is not Ben's to give away")
	require.Equal(t, "2026-01-19T08:00:00Z", c.Shifts[0].End.text())
	require.Equal(t, []string{}, c.Warnings)
	path := fmt.Sprintf("/%d", c.ID)

	w.keyFor(w.dora, nil)
	w.cover(404, "GET", path, "")
	w.cover(403, "PUT", path+"/accept", "")
	w.keyFor(w.cleo, nil)
	part := fmt.Sprintf(`{"shifts":[{"schedule":{"id":%d},"start":"2026-01-15T10:00:00Z","end":"2026-01-16T10:00:00Z"}]}`, w.primary)
	c = w.cover(200, "POST", path+"/accept", part)
	require.Len(t, c.Shifts, 3)
	require.Equal(t, "cleo", c.Shifts[1].TakenBy.Username)
	require.Nil(t, c.Shifts[0].TakenBy)
	require.Equal(t, schedules.CoverPending, c.State)
	w.cover(400, "PUT", path+"/accept", fmt.Sprintf(`{"shifts":[{"schedule":{"id":%d},"start":"2026-02-15T10:00:00Z","end":"2026-02-16T10:00:00Z"}]}`, w.primary))
	w.cover(409, "PUT", path+"/accept", part)
	w.cover(403, "PUT", path+"/cancel", "")
	c = w.cover(200, "PUT", path+"/decline", `{"declineComment":"not more"}`)
	require.Equal(t, "not more", c.Receivers[0].Comment)

	w.key = adminKey
	c = w.cover(200, "PUT", path+"/accept", `{"user":{"username":"ana"}}`)
	require.Equal(t, schedules.CoverAccepted, c.State)
	require.Equal(t, "ana", c.AcceptedBy.Username)
	w.keyFor(w.cleo, nil)
	require.Contains(t, w.wants(409, "PUT", "/api/coverage-requests"+path+"/accept", `{"user":{"username":"cleo"}}`).Body.String(), "Ana was first")
	w.keyFor(w.ben, nil)
	w.cover(409, "PUT", path+"/cancel", "")
	w.cover(403, "PUT", path+"/accept", `{"user":{"username":"cleo"}}`)
	w.cover(404, "GET", "/77", "")
	w.cover(404, "GET", "/x", "")
}

func TestCoverageRequestsAreListed(t *testing.T) {
	w := newWorld(t)
	w.keyFor(w.ben, nil)
	ask := fmt.Sprintf(`{"anyone":true,"shifts":[{"schedule":{"id":%d},"start":"2026-01-15T10:00:00Z","end":"2026-01-16T10:00:00Z"}]}`, w.primary)
	first := w.cover(201, "POST", "", ask)
	require.Len(t, first.Receivers, 1, "everybody else on the schedule")
	require.Equal(t, "ana", first.Receivers[0].User.Username)
	second := w.cover(201, "POST", "", ask)
	w.cover(200, "PUT", fmt.Sprintf("/%d/cancel", first.ID), "")
	list := func(query string) (ids []int64) {
		var all []coverBody
		w.wants(200, "GET", "/api/coverage-requests"+query, "").into(&all)
		for _, c := range all {
			ids = append(ids, c.ID)
		}
		return ids
	}
	require.Equal(t, []int64{second.ID, first.ID}, list(""))
	require.Equal(t, []int64{first.ID}, list("?states=CANCELLED"))
	require.Empty(t, list("?type=received"))
	w.wants(400, "GET", "/api/coverage-requests?type=old", "")
	w.wants(400, "GET", "/api/coverage-requests?states=LOST", "")
	w.now = w.now.Add(25 * time.Hour)
	require.Equal(t, []int64{second.ID}, list(""), "an answer is listed for a day")
	require.Equal(t, []int64{second.ID, first.ID}, list("?from=2026-01-14"))
	w.now = w.now.Add(48 * time.Hour)
	require.Empty(t, list(""))
	require.True(t, w.cover(200, "GET", fmt.Sprintf("/%d", second.ID), "").Expired)
	w.keyFor(w.cleo, nil)
	require.Empty(t, list("?from=2026-01-14"), "others' are not seen")
	w.key = adminKey
	require.Equal(t, []int64{second.ID, first.ID}, list("?from=2026-01-14"), "an ADMIN sees all")
}
