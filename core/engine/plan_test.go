package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// changed is team with replacements, old and new by turns.
func changed(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(team) }

// try applies a file, pruning what it does not name, and returns how that ended.
func (w *world) try(yaml string) error {
	w.Helper()
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(yaml)}}, config.Options{Known: []string{"webchat"}})
	require.Empty(w, problems)
	plan, err := w.Plan(w.ctx, set, config.DiffOptions{Prune: true})
	require.NoError(w, err)
	return w.ApplyPlan(w.ctx, plan, "test")
}

// remove deletes one object, as the API does.
func (w *world) remove(kind store.Kind, name string) error {
	return w.ApplyPlan(w.ctx, config.Plan{Version: w.Snapshot().Version,
		Changes: []config.Change{{Op: config.Delete, Ref: config.Ref{Kind: string(kind), Name: name}}}}, "test")
}

func TestWhatOthersUseIsNotDeleted(t *testing.T) {
	each(t, func(w *world) {
		for kind, name := range map[store.Kind]string{store.Users: "ana", store.Schedules: "primary", store.Policies: "payments"} {
			err := w.remove(kind, name)
			require.Equal(w, core.Conflict, core.KindOf(err), "%s: %v", name, err)
		}
		require.ErrorContains(w, w.remove(store.Schedules, "primary"), `escalation policy "payments"`)
		require.ErrorContains(w, w.remove(store.Policies, "payments"), `alert source "off"`)
		require.Equal(w, core.NotFound, core.KindOf(w.remove(store.Policies, "nothing")))
		require.NoError(w, w.remove(store.Policies, "other"))
		require.NoError(w, w.remove(store.Users, "dora"))
		require.NoError(w, w.remove(store.Sources, "off"))
	})
}

func TestANameOfNothingIsRefused(t *testing.T) {
	each(t, func(w *world) {
		plan := config.Plan{Version: w.Snapshot().Version, Changes: []config.Change{{Op: config.Create, Origin: "api",
			Ref:  config.Ref{Kind: string(store.Sources), Name: "new"},
			Want: config.Object{Source: &config.Source{Name: "new", Policy: "paymnts"}}}}}
		err := w.ApplyPlan(w.ctx, plan, "test")
		require.Equal(w, core.Invalid, core.KindOf(err))
		require.ErrorContains(w, err, `"paymnts"`)
		_, ok := w.Snapshot().SourceNamed("new")
		require.False(w, ok)
	})
}

func TestWhatCouldNotBeReadAgainIsRefused(t *testing.T) {
	each(t, func(w *world) {
		plan := config.Plan{Version: w.Snapshot().Version, Changes: []config.Change{{Op: config.Create, Origin: "api",
			Ref:  config.Ref{Kind: string(store.Schedules), Name: "moon"},
			Want: config.Object{Schedule: &config.Schedule{Name: "moon", Timezone: "Moon/Copernicus"}}}}}
		err := w.ApplyPlan(w.ctx, plan, "test")
		require.Equal(w, core.Invalid, core.KindOf(err), "%v", err)
		require.ErrorContains(w, err, "moon")
		_, err = w.Reload(w.ctx)
		require.NoError(w, err)
	})
}

func TestAnAccountGoesToAnotherUserInOnePlan(t *testing.T) {
	each(t, func(w *world) {
		before, _ := w.Snapshot().Direct(w.user("ben"), "webchat")
		require.NoError(w, w.try(changed("identities: {webchat: ana}", "identities: {webchat: ben}", "identities: {webchat: ben}", "identities: {webchat: ana}")))
		u, _ := w.Snapshot().UserOf("webchat", "ben")
		require.Equal(w, "ana", u.Username)
		after, ok := w.Snapshot().Direct(w.user("ana"), "webchat")
		require.True(w, ok)
		require.Equal(w, "@ben", after.Ref)
		require.NotEqual(w, before.ID, after.ID, "what was posted to Ben is not Ana's")
		r := w.event("prometheus", alertEvent("k", "down"))
		require.Equal(w, []int64{engine.PageArg(r.Alert, 1)}, w.pages())
	})
}

func TestAUserWhoLeftAndCameBackIsPaged(t *testing.T) {
	each(t, func(w *world) {
		require.NoError(w, w.try(changed("  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}\n", "",
			"users: [ben]", "users: [ana]")))
		require.NoError(w, w.try(team))
		require.Equal(w, []string{"webchat"}, w.Snapshot().Person(w.user("ben")).Platforms)
	})
}

func TestAnAccountWhosePlaceWasNobodysIsPaged(t *testing.T) {
	each(t, func(w *world) {
		require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error {
			_, err := tx.EnsureConversation(w.ctx, core.Conversation{Platform: "webchat", Ref: "@eve", Name: "@eve"})
			return err
		}))
		require.NoError(w, w.try(changed("identities: {webchat: ben}", "identities: {webchat: eve}")))
		require.Equal(w, []string{"webchat"}, w.Snapshot().Person(w.user("ben")).Platforms)
	})
}

func TestARenamedUserKeepsTheAccount(t *testing.T) {
	each(t, func(w *world) {
		require.NoError(w, w.try(changed("username: ana", "username: anna", "users: [ana]", "users: [anna]")))
		u, _ := w.Snapshot().UserOf("webchat", "ana")
		require.Equal(w, "anna", u.Username)
		_, ok := w.Snapshot().Direct(u.ID, "webchat")
		require.True(w, ok)
		require.Equal(w, []string{"webchat"}, w.Snapshot().Person(u.ID).Platforms)
	})
}

func TestARenamedSourceKeepsItsKey(t *testing.T) {
	each(t, func(w *world) {
		require.NoError(w, w.try(changed("name: prometheus", "name: prom")))
		s, ok := w.Snapshot().SourceByKey("il1prom-0123456789")
		require.True(w, ok)
		require.Equal(w, "prom", s.Name)
	})
}

func TestAConversationThatWasOpenedStays(t *testing.T) {
	each(t, func(w *world) {
		c, _ := w.Snapshot().Direct(w.user("ana"), "webchat")
		require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error { return tx.SetConversationRef(w.ctx, c.ID, "D0123") }))
		require.NoError(w, w.try(changed("firstName: Ana", "firstName: Anna")))
		after, _ := w.Snapshot().Direct(w.user("ana"), "webchat")
		require.Equal(w, c.ID, after.ID)
		require.Equal(w, "D0123", after.Ref)
	})
}

func TestAnAccountLinkedByCodeStays(t *testing.T) {
	each(t, func(w *world) {
		require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error {
			link := core.Identity{Platform: "slack", Account: "U1", User: w.user("ben")}
			if err := tx.PutIdentity(w.ctx, store.IdentityRow{Identity: link, Origin: "code"}, w.now); err != nil {
				return err
			}
			_, err := tx.BumpVersion(w.ctx)
			return err
		}))
		require.NoError(w, w.try(changed("firstName: Ben", "firstName: Benjamin")))
		u, ok := w.Snapshot().UserOf("slack", "U1")
		require.True(w, ok)
		require.Equal(w, "Benjamin", u.FirstName)
	})
}

func TestAnOpenAlertSurvivesWhatItNames(t *testing.T) {
	each(t, func(w *world) {
		w.apply(changed("role: STAKEHOLDER", "role: RESPONDER"))
		ev := alertEvent("k", "down")
		ev.RoutingKey = "dba"
		r := w.event("prometheus", ev)
		_, err := w.Do(w.ctx, w.by("ana", r.Alert, core.AddResponder{By: w.user("ana"), User: w.user("dora")}))
		require.NoError(w, err)
		require.NoError(w, w.remove(store.Policies, "other"))
		require.NoError(w, w.remove(store.Users, "dora"))
		require.NoError(w, w.remove(store.Sources, "prometheus"))
		w.pages()
		w.now = start.Add(3 * time.Hour)
		_, err = w.RunDue(w.ctx)
		require.NoError(w, err)
		require.NotEmpty(w, w.pages(), "the last resort, at least")
		done, err := w.Do(w.ctx, w.by("ana", r.Alert, core.Resolve{By: w.user("ana")}))
		require.NoError(w, err)
		require.Equal(w, core.Resolved, done.Alert.Status)
	})
}

func TestAPlanOfAnotherVersionIsRefused(t *testing.T) {
	each(t, func(w *world) {
		plan := config.Plan{Version: w.Snapshot().Version - 1}
		require.Equal(w, core.Conflict, core.KindOf(w.ApplyPlan(w.ctx, plan, "test")))
	})
}
