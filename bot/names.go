package bot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

// person finds whom a word means: a mention as platforms write it, @name, a user name,
// or me.
func (c *call) person(s string) (core.User, error) {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "me") || strings.EqualFold(s, "myself") {
		return c.user, nil
	}
	if account, ok := mentioned(s); ok {
		if u, ok := c.snap.UserOf(c.in.Actor.Platform, account); ok {
			return u, nil
		}
		return core.User{}, &core.Error{Kind: core.NotFound, Text: "That account is not linked to anybody here.",
			Do: "They can link it with " + backquoted("/watchbell link") + ", or name them by their user name."}
	}
	name := strings.TrimPrefix(s, "@")
	if u, ok := c.snap.UserNamed(name); ok {
		return u, nil
	}
	if u, ok := c.snap.UserOf(c.in.Actor.Platform, name); ok {
		return u, nil
	}
	return c.personCalled(name)
}

// personCalled finds somebody by the name people call them, if only one has it.
func (c *call) personCalled(name string) (core.User, error) {
	var found []core.User
	var names []string
	for _, u := range c.snap.Users {
		names = append(names, u.Username)
		if strings.EqualFold(u.FirstName, name) || strings.EqualFold(u.FullName(), name) {
			found = append(found, u)
		}
	}
	slices.Sort(names)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return core.User{}, core.Errorf(core.NotFound, "Nobody is called “%s”.%s", cut(oneLine(name), 40), config.DidYouMean(name, names))
	}
	return core.User{}, core.Errorf(core.Invalid, "%d people are called “%s”: name one by user name.", len(found), cut(oneLine(name), 40))
}

// mentioned takes the account out of a mention: <@U012AB3CD>, <@U012AB3CD|ana>, <@!1234>.
func mentioned(s string) (account string, ok bool) {
	s, ok = strings.CutPrefix(s, "<@")
	if !ok {
		return "", false
	}
	s, ok = strings.CutSuffix(s, ">")
	s = strings.TrimPrefix(s, "!")
	account, _, _ = strings.Cut(s, "|")
	return account, ok && account != ""
}

// target is whom an alert can be given to: exactly one is set.
type target struct {
	user     core.User
	schedule engine.Schedule
	policy   core.Policy
	name     string
}

// target finds a user, a schedule or a policy; “schedule:” and “policy:” before the name
// settle what is meant.
func (c *call) target(s string) (target, error) {
	s = strings.TrimSpace(s)
	if name, ok := cutFold(s, "schedule:"); ok {
		if x, ok := c.snap.ScheduleNamed(name); ok && c.sees(x.Teams) {
			return target{schedule: x, name: x.Name}, nil
		}
		return target{}, c.noSuch("schedule", name, c.seenSchedules())
	}
	if name, ok := cutFold(s, "policy:"); ok {
		if x, ok := c.snap.PolicyNamed(name); ok && c.sees(x.Teams) {
			return target{policy: x, name: x.Name}, nil
		}
		return target{}, c.noSuch("policy", name, c.seenPolicies())
	}
	u, err := c.person(s)
	if err == nil {
		return target{user: u, name: u.Name()}, nil
	}
	if strings.HasPrefix(s, "@") || strings.HasPrefix(s, "<") || core.KindOf(err) != core.NotFound {
		return target{}, err
	}
	if x, ok := c.snap.ScheduleNamed(s); ok && c.sees(x.Teams) {
		return target{schedule: x, name: x.Name}, nil
	}
	if x, ok := c.snap.PolicyNamed(s); ok && c.sees(x.Teams) {
		return target{policy: x, name: x.Name}, nil
	}
	return target{}, c.noSuch("user, schedule or policy", s, slices.Concat(userNames(c.snap), c.seenSchedules(), c.seenPolicies()))
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return strings.TrimSpace(s[len(prefix):]), true
}

func (c *call) noSuch(what, got string, names []string) error {
	return core.Errorf(core.NotFound, "No %s “%s”.%s", what, cut(oneLine(got), 40), config.DidYouMean(got, names))
}

func userNames(s *engine.Snapshot) []string {
	return sortedNames(s.Users, func(u core.User) string { return u.Username })
}

func scheduleNames(s *engine.Snapshot) []string {
	return sortedNames(s.Schedules, func(x engine.Schedule) string { return x.Name })
}

func policyNames(s *engine.Snapshot) []string {
	return sortedNames(s.Policies, func(x core.Policy) string { return x.Name })
}

func sourceNames(s *engine.Snapshot) []string {
	return sortedNames(s.Sources, func(x core.Source) string { return x.Name })
}

func sortedNames[K ~int64, T any](m map[K]T, name func(T) string) []string {
	out := make([]string, 0, len(m))
	for _, x := range m {
		out = append(out, name(x))
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return out
}

func stateWord(a core.Alert) string {
	switch a.Status {
	case core.Accepted:
		return "accepted"
	case core.Resolved:
		return "resolved"
	}
	return "pending"
}

func levelNumber(s string) (int, error) {
	n, ok := alertNumber(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "level "))
	if !ok || n > 1000 {
		return 0, inField("level", core.Errorf(core.Invalid, "“%s” is no level: give a number.", cut(oneLine(s), 40)))
	}
	return int(n), nil
}
