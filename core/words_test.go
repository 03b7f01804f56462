package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWordsAreTheAPIs(t *testing.T) {
	type words struct {
		Status   Status
		Priority Priority
		Role     Role
		Type     EventType
		Outcome  Outcome
	}
	in := words{Accepted, High, RoleUser, EventResolve, OutcomeAppended}
	b, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"Status":"ACCEPTED","Priority":"HIGH","Role":"USER","Type":"RESOLVE","Outcome":"appended"}`, string(b))
	var out words
	require.NoError(t, json.Unmarshal(b, &out))
	require.Equal(t, in, out)
	require.NoError(t, json.Unmarshal([]byte(`{"Priority":"low","Role":" admin "}`), &out))
	require.Equal(t, Low, out.Priority)
	require.Equal(t, Admin, out.Role)
	require.Empty(t, Status(99).String()+Role(-1).String(), "a value outside has no word")
}

func TestUnknownWordsAreRefusedWithThoseThatAreKnown(t *testing.T) {
	_, err := ParseRole("BOSS\n\u202e")
	require.Equal(t, &Error{Kind: Invalid, Text: "“BOSS” is no role.", Do: "Use one of STAKEHOLDER, GUEST, RESPONDER, USER, ADMIN."}, err)
	require.Error(t, json.Unmarshal([]byte(`{"priority":"URGENT"}`), &Event{}))
}

func TestSecretsNeverShow(t *testing.T) {
	s := struct{ Token Secret }{"hunter2"}
	b, err := json.Marshal(s)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", s.Token, "all", s)
	shown := string(b) + log.String() + fmt.Sprintf("%v %s %q %#v %+v %x %d", s.Token, s.Token, s.Token, s.Token, s, s.Token, s.Token)
	require.NotContains(t, shown, "hunter2")
	require.NotContains(t, shown, fmt.Sprintf("%x", "hunter2"))
	require.Equal(t, "hunter2", s.Token.Reveal())
	require.NoError(t, json.Unmarshal([]byte(`{"Token":"swordfish"}`), &s))
	require.Equal(t, "swordfish", s.Token.Reveal())
	require.Empty(t, Secret("").String())
}

func TestErrorfKeepsTheCauseAndSaysItOnce(t *testing.T) {
	cause := errors.New("disk on fire")
	err := Errorf(Unavailable, "store the alert: %w", cause)
	require.ErrorIs(t, err, cause)
	require.Equal(t, "store the alert: disk on fire", err.Error())
	require.Equal(t, Unavailable, KindOf(fmt.Errorf("outer: %w", err)))
	require.Equal(t, Internal, KindOf(cause))
	require.Equal(t, "internal", Kind(99).String())
}

func TestSpansReadAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 40 * time.Second: "40 s", 90 * time.Second: "1 min 30 s", 5 * time.Minute: "5 min",
		5*time.Minute + 20*time.Second: "5 min", 90 * time.Minute: "1 h 30 min", 51 * time.Hour: "2 d 3 h", -time.Minute: "1 min",
	} {
		require.Equal(t, want, Span(d))
	}
}

func TestPlansUnfold(t *testing.T) {
	m := time.Minute
	for _, c := range []struct {
		name  string
		steps []Notify
		want  []time.Duration
	}{
		{"the default repeats five times", nil, []time.Duration{0, 2 * m, 4 * m, 6 * m, 8 * m, 10 * m}},
		{"first repeat at once", []Notify{{Every: m, Times: 3}}, []time.Duration{0, m, 2 * m}},
		{"steps follow one another", []Notify{{}, {After: 3 * m}, {Every: m, Times: 2}}, []time.Duration{0, 3 * m, 4 * m, 5 * m}},
		{"After and Every", []Notify{{}, {After: 10 * m, Every: m, Times: 2}}, []time.Duration{0, 10 * m, 11 * m}},
		{"times without Every is one", []Notify{{Times: 7}}, []time.Duration{0}},
		{"no going back", []Notify{{After: 5 * m}, {After: m}}, []time.Duration{5 * m, 5 * m}},
		{"nonsense is bounded", []Notify{{After: -m, Every: -m, Times: -1}, {After: 1 << 62}}, []time.Duration{0, maxWait}},
	} {
		var got []time.Duration
		for _, p := range plan(c.steps) {
			got = append(got, p.after)
		}
		require.Equal(t, c.want, got, c.name)
	}
	require.Len(t, plan([]Notify{{Every: m, Times: 1 << 40}, {Every: m, Times: 9}}), MaxCalls)
}
