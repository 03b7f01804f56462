package config

import (
	"maps"
	"slices"
	"strings"
)

const (
	// OriginAPI is the origin of what no file names.
	OriginAPI = "api"
	fromFile  = "file:" // then the file's name, a colon and the line
)

// DiffOptions say what else a plan does.
type DiffOptions struct {
	Prune   bool     // delete what the files made and no longer name
	Folders []string // folders that were given whole: what files in them made and no file names is dropped, too
}

// Diff is the plan that makes what is there (have) what the files want. It is pure. Of
// have it needs Origins, and the sources' keys, else every key that a file gives is a
// difference. Objects that came from other files, the API or chat are left alone unless
// the files name them. The plan's Version is for the caller to set.
func Diff(have, want Set, o DiffOptions) Plan {
	d := diff{have: Index(have), want: Index(want), havePlaces: have, wantPlaces: want, DiffOptions: o}
	p := Plan{Hash: want.Hash}
	for x := range want.objects() {
		if c, ok := d.change(x); ok {
			p.Changes = append(p.Changes, c)
		}
	}
	p.Changes = append(p.Changes, d.dropped()...)
	return p
}

type diff struct {
	DiffOptions
	have, want             map[Ref]Object
	havePlaces, wantPlaces Set
}

// Index finds a set's objects by kind and name.
func Index(s Set) map[Ref]Object {
	out := map[Ref]Object{}
	for o := range s.objects() {
		out[o.Ref()] = o
	}
	return out
}

// change is what has to be done for an object that the files name.
func (d diff) change(want Object) (Change, bool) {
	ref := want.Ref()
	at := d.wantPlaces.Positions[ref]
	c := Change{Op: Create, Ref: ref, At: at, Origin: at.Origin(), Want: want}
	if at == (Position{}) {
		c.Origin = OriginAPI
	}
	have, ok := d.have[ref]
	if !ok {
		return c, true
	}
	c.From = d.havePlaces.Origins[ref]
	c.Fields = differences(have, Keep(have, want))
	switch {
	case len(c.Fields) > 0:
		c.Op = Update
	case c.From != c.Origin:
		c.Op = Adopt
	default:
		return Change{}, false
	}
	return c, true
}

// Keep returns a file's object with what the file leaves unset as it is now: notification
// preferences, teams, conversations, an integration key, and accounts that no file wrote.
// Neither argument is changed.
func Keep(have, want Object) Object {
	switch {
	case have.User != nil && want.User != nil:
		u := keepUser(*have.User, *want.User)
		return Object{User: &u}
	case have.SupportHours != nil && want.SupportHours != nil:
		h := *want.SupportHours
		h.TeamNames = orHave(h.TeamNames, have.SupportHours.TeamNames)
		return Object{SupportHours: &h}
	case have.Schedule != nil && want.Schedule != nil:
		s := *want.Schedule
		s.Teams = orHave(s.Teams, have.Schedule.Teams)
		s.Conversations = orHave(s.Conversations, have.Schedule.Conversations)
		return Object{Schedule: &s}
	case have.Policy != nil && want.Policy != nil:
		p := *want.Policy
		p.Teams = orHave(p.Teams, have.Policy.Teams)
		return Object{Policy: &p}
	case have.Source != nil && want.Source != nil:
		s := *want.Source
		s.Teams = orHave(s.Teams, have.Source.Teams)
		s.Conversations = orHave(s.Conversations, have.Source.Conversations)
		if s.Key == "" {
			s.Key = have.Source.Key
		}
		return Object{Source: &s}
	case have.Heartbeat != nil && want.Heartbeat != nil:
		h := *want.Heartbeat
		h.Teams = orHave(h.Teams, have.Heartbeat.Teams)
		if h.Key == "" {
			h.Key = have.Heartbeat.Key
		}
		return Object{Heartbeat: &h}
	}
	return want
}

func keepUser(have, want User) User {
	want.Notify = orHave(want.Notify, have.Notify)
	accounts := maps.Clone(want.Identities)
	for platform, account := range have.Identities {
		if _, ok := accounts[platform]; ok || slices.Contains(have.Written, platform) {
			continue
		}
		if accounts == nil {
			accounts = map[string]string{}
		}
		accounts[platform] = account
	}
	want.Identities = accounts
	return want
}

func orHave[T any](want, have []T) []T {
	if want == nil {
		return have
	}
	return want
}

// differences lists what differs, in the order of the file's keys; what goes comes last.
func differences(have, want Object) []Field {
	was := map[string]leaf{}
	haveLeaves := have.tree().leaves("", nil)
	for _, l := range haveLeaves {
		was[l.path] = l
	}
	var out []Field
	met := map[string]bool{}
	for _, l := range want.tree().leaves("", nil) {
		met[l.path] = true
		if was[l.path].text != l.text {
			out = append(out, fieldOf(l.path, was[l.path], l))
		}
	}
	for _, l := range haveLeaves {
		if !met[l.path] {
			out = append(out, fieldOf(l.path, l, leaf{}))
		}
	}
	return out
}

func fieldOf(path string, have, want leaf) Field {
	if have.secret || want.secret {
		return Field{Path: path, Secret: true}
	}
	return Field{Path: path, Have: have.text, Want: want.text}
}

// dropped is what happens to objects of the files that the files no longer name. What
// would be deleted but is still named by something that stays is kept.
func (d diff) dropped() []Change {
	var gone []Object
	for o := range d.havePlaces.objects() {
		if _, ok := d.want[o.Ref()]; !ok && d.ours(d.havePlaces.Origins[o.Ref()]) {
			gone = append(gone, o)
		}
	}
	users := map[Ref]Ref{}
	if d.Prune {
		users = d.stillUsed(gone)
	}
	var out []Change
	slices.Reverse(gone)
	for _, o := range gone {
		c := Change{Op: Delete, Ref: o.Ref(), From: d.havePlaces.Origins[o.Ref()]}
		user, used := users[o.Ref()]
		if used {
			c.Note = "no file names it any more, but " + nouns[user.Kind] + " " + shown(user.Name) + " does; it stays"
		}
		if used || !d.Prune {
			c.Op, c.Origin, c.Want = Adopt, OriginAPI, o
		}
		out = append(out, c)
	}
	return out
}

// stillUsed returns those of gone that something which stays names, and what does.
func (d diff) stillUsed(gone []Object) map[Ref]Ref {
	going := map[Ref]bool{}
	for _, o := range gone {
		going[o.Ref()] = true
	}
	var staying []Object
	for ref, o := range d.have {
		if want, ok := d.want[ref]; ok {
			o = Keep(o, want)
		}
		if !going[ref] {
			staying = append(staying, o)
		}
	}
	for ref, o := range d.want {
		if _, ok := d.have[ref]; !ok {
			staying = append(staying, o)
		}
	}
	slices.SortFunc(staying, func(a, b Object) int { return strings.Compare(a.Ref().Kind+a.Ref().Name, b.Ref().Kind+b.Ref().Name) })
	used := map[Ref]Ref{}
	for len(staying) > 0 {
		o := staying[0]
		staying = staying[1:]
		for _, ref := range o.uses() {
			if _, ok := used[ref]; going[ref] && !ok {
				used[ref] = o.Ref()
				staying = append(staying, d.have[ref]) // what stays keeps what it names
			}
		}
	}
	return used
}

// ours tells whether an origin is one of the files, or lies in one of the folders.
func (d diff) ours(origin string) bool {
	rest, ok := strings.CutPrefix(origin, fromFile)
	i := strings.LastIndexByte(rest, ':')
	if !ok || i < 0 {
		return false
	}
	file := rest[:i]
	return slices.Contains(d.wantPlaces.Files, file) || slices.ContainsFunc(d.Folders, func(folder string) bool {
		return strings.HasPrefix(file, strings.TrimSuffix(folder, "/")+"/")
	})
}
