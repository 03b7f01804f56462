package config

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

const (
	maxText    = 255 // characters in names and other single lines
	maxSteps   = 20  // of one person's notify list
	maxRepeats = 100 // calls of one step
	maxMembers = 10_000
	maxTeams   = 100

	// DefaultTimezone and DefaultRole are a user's if the file gives none.
	DefaultTimezone = "UTC"
	DefaultRole     = core.RoleUser
)

var roleWords = []string{"STAKEHOLDER", "GUEST", "RESPONDER", "USER", "ADMIN"}

func (v value) user() {
	o, ok := v.object()
	if !ok {
		return
	}
	u := User{
		Username:  o.need("username", "ana").username(),
		FirstName: o.get("firstName").text(),
		LastName:  o.get("lastName").text(),
		Email:     o.get("email").email(),
		Timezone:  cmp.Or(o.get("timezone").zone(), DefaultTimezone),
		Position:  o.get("position").text(),
		Role:      cmp.Or(o.get("role").role(), DefaultRole),
	}
	u.Identities = o.get("identities").identities()
	u.Notify = o.get("notify").notify(u)
	if m := o.get("mutedUntil"); m.present() {
		m.problem("Muting is the person's own and never a file's; delete it, and write /mute in chat.")
	}
	o.later("department", "language", "region", "shiftColor", "avatarUrl")
	o.done()
	if v.define(Users, u.Username) {
		v.set.Users = append(v.set.Users, u)
	}
}

// username is what people type behind an @.
func (v value) username() string {
	s := v.text()
	switch {
	case s == "":
		return ""
	case strings.ContainsFunc(s, unicode.IsSpace) || strings.ContainsAny(s[:1], "@#/"):
		v.problem("%s is not a user name that can be typed behind an @; write it without spaces.", quote(s))
		return ""
	case s == "admin":
		v.warn("The admin key acts as a built-in user “admin” too; another name keeps the two apart.")
	}
	// Two that differ in letters' case only cannot be told apart in chat; equal ones are
	// defined twice, which is said elsewhere.
	key := unique{"user name", strings.ToLower(s)}
	if first, ok := v.seen[key]; ok && v.set.Positions[Ref{Users, s}] == (Position{}) {
		v.problem("%s differs from the user name at %s in capitals only; rename one.", quote(s), first)
	}
	v.seen[key] = v.at
	return s
}

func (v value) email() string {
	s := v.text()
	if s == "" {
		return ""
	}
	name, host, ok := strings.Cut(s, "@")
	if !ok || name == "" || host == "" || strings.Contains(host, "@") || strings.ContainsFunc(s, unicode.IsSpace) {
		v.problem("%s is not an e-mail address.", quote(s))
		return ""
	}
	v.once("e-mail address", strings.ToLower(s))
	return s
}

func (v value) zone() string {
	s := v.text()
	if s == "" {
		return ""
	}
	if _, err := schedules.Location(s); err != nil {
		v.problem("%s", err)
	}
	return s
}

func (v value) role() core.Role {
	r, err := core.ParseRole(v.word(roleWords...))
	if err != nil {
		return 0
	}
	return r
}

// identities are accounts by platform. Those on platforms that come later are kept: they
// do no harm, and the file need not change on that day.
func (v value) identities() map[string]string {
	if !v.present() {
		return nil
	}
	o, _ := v.object()
	out := map[string]string{}
	for _, f := range o.fields {
		if !slices.Contains(v.Known, f.key) && !slices.Contains(v.Later, f.key) {
			f.noPlatform(f.key)
			continue
		}
		account := f.text()
		if account == "" {
			if !f.present() {
				f.problem("The account is empty; write it or delete the line.")
			}
			continue
		}
		f.once("account on "+f.key, account)
		out[f.key] = account
	}
	return out
}

func (v value) notify(u User) []core.Notify {
	if !v.present() {
		return nil
	}
	out := []core.Notify{}
	for _, e := range v.atMost(maxSteps) {
		if n, ok := e.notifyStep(u); ok {
			out = append(out, n)
		}
	}
	return out
}

func (v value) notifyStep(u User) (core.Notify, bool) {
	o, ok := v.object()
	if !ok {
		return core.Notify{}, false
	}
	after, every, times := o.get("after"), o.get("every"), o.get("times")
	n := core.Notify{After: after.duration(notifyPeriods), Every: every.duration(notifyPeriods)}
	switch {
	case every.present() && n.Every == 0:
		every.problem("A repeat needs time between its calls, such as 2m.")
	case every.present() && after.present():
		after.problem("A step has either after (one call) or every (repeated calls), not both; make it two steps.")
	case every.present():
		n.Times = 1
	case times.present():
		times.problem("times belongs to every; write every: 2m beside it.")
	}
	if every.present() && times.present() {
		n.Times = times.integer(1, maxRepeats)
	}
	n.By = o.get("by").platforms(u)
	o.done()
	return n, true
}

// platforms is a list of platforms that a page can take.
func (v value) platforms(u User) []string {
	if !v.present() {
		return nil
	}
	out := []string{}
	for _, e := range v.list() {
		name := e.text()
		if !e.platform(name) || slices.Contains(out, name) {
			continue
		}
		if u.Identities[name] == "" {
			e.warn("%s has no account on %s in this file; until one is linked, this reaches nobody there.", u.Username, name)
		}
		out = append(out, name)
	}
	if len(v.list()) == 0 {
		v.problem("This names no platform, so nobody would be reached; leave by out for every linked one.")
	}
	return out
}

func (v value) team() {
	o, ok := v.object()
	if !ok {
		return
	}
	t := Team{Name: o.need("name", "payments").text()}
	t.Private = o.get("visibility").word("PUBLIC", "PRIVATE") == "PRIVATE"
	met := map[string]bool{}
	for _, e := range o.get("members").atMost(maxMembers) {
		m := e.member()
		if met[m.User] && m.User != "" {
			e.problem("%s is in this team twice; delete one.", quote(m.User))
			continue
		}
		met[m.User] = true
		t.Members = append(t.Members, m)
	}
	o.done()
	if v.define(Teams, t.Name) {
		v.set.Teams = append(v.set.Teams, t)
	}
}

// member is {user: ana, role: ADMIN}, or a name alone, who keeps their own role.
func (v value) member() Member {
	if _, ok := v.raw(); ok {
		return Member{User: v.refer(Users, mention)}
	}
	o, ok := v.object()
	if !ok {
		return Member{}
	}
	m := Member{User: o.need("user", "ana").refer(Users, mention), Role: o.get("role").role()}
	o.done()
	return m
}

// lineProblem says why a text is not one line of a name or the like.
func lineProblem(s string) string {
	switch {
	case utf8.RuneCountInString(s) > maxText:
		return "The text is longer than 255 characters; shorten it."
	case strings.ContainsFunc(s, unicode.IsControl):
		return "The text has control characters or more than one line; write one line."
	case strings.TrimSpace(s) != s:
		return quote(s) + " begins or ends with a space; delete it."
	}
	return ""
}

// roles are the roles of all users who are known.
func (p *parse) roles() map[string]core.Role {
	out := map[string]core.Role{}
	for _, s := range p.sets() {
		for _, u := range s.Users {
			if _, ok := out[u.Username]; !ok {
				out[u.Username] = u.Role
			}
		}
	}
	return out
}

func mayBeOnCall(r core.Role) bool { return r != core.Stakeholder && r != core.Guest }

func (r reference) lowRole(role core.Role) {
	switch r.use {
	case onCall:
		r.problem("%s is a %s, who cannot be on call; give them the role RESPONDER, or name somebody else.", quote(r.name), role)
	case target:
		r.warn("%s is a %s, who can look but not accept an alert, and is not paged.", quote(r.name), role)
	}
}
