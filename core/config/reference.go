package config

// A reference is a name that must be defined somewhere, perhaps further below or in
// another file.
type reference struct {
	value
	kind, name string
	use        use
}

// use is what a user is named for.
type use int

const (
	mention use = iota
	onCall      // in a schedule: must be somebody who may be on call
	target      // in an escalation rule: should be
)

// nouns are how people call an object of a kind.
var nouns = map[string]string{
	Users: "user", Teams: "team", SupportHour: "support hours", Schedules: "schedule", Policies: "policy", Sources: "source",
	Heartbeats:   "heartbeat monitor",
	Maintenances: "maintenance window",
}

// refer reads the name of another object.
func (v value) refer(kind string, as use) string {
	name := v.text()
	if name != "" {
		v.references = append(v.references, reference{v, kind, name, as})
	}
	return name
}

// referAll reads a list of names; an empty one is not nil. A name twice is once too often,
// unless repeats carry weight.
func (v value) referAll(kind string, as use, most int) []string {
	if !v.present() {
		return nil
	}
	out := []string{}
	met := map[string]bool{}
	for _, e := range v.atMost(most) {
		if !e.present() {
			e.problem("The entry is empty; write a name or delete it.")
			continue
		}
		name := e.refer(kind, as)
		if name == "" {
			continue
		}
		if met[name] && as != onCall {
			e.problem("%s is in this list twice; delete one.", quote(name))
			continue
		}
		met[name] = true
		out = append(out, name)
	}
	return out
}

// resolveReferences judges all names once everything that could define them is read.
func (p *parse) resolveReferences() {
	names := p.names()
	roles := p.roles()
	for _, r := range p.references {
		known := names[r.kind]
		if !known.has[r.name] {
			r.unknown(known.list)
			continue
		}
		if role, ok := roles[r.name]; r.kind == Users && ok && !mayBeOnCall(role) {
			r.lowRole(role)
		}
	}
}

func (r reference) unknown(known []string) {
	if hint := DidYouMean(r.name, known); hint != "" {
		r.problem("No %s %s.%s", nouns[r.kind], quote(r.name), hint)
		return
	}
	r.problem("No %s %s; define it, or name another.", nouns[r.kind], quote(r.name))
}

type names struct {
	has  map[string]bool
	list []string
}

func (n *names) add(name string) {
	if !n.has[name] {
		n.has[name] = true
		n.list = append(n.list, name)
	}
}

// names are all that may be referred to, by kind.
func (p *parse) names() map[string]*names {
	out := map[string]*names{}
	for kind := range nouns {
		out[kind] = &names{has: map[string]bool{}}
	}
	for _, s := range p.sets() {
		for o := range s.objects() {
			out[o.Ref().Kind].add(o.Ref().Name)
		}
	}
	return out
}

// sets are what the files define and what is there; the files come first and win.
func (p *parse) sets() []Set {
	if p.Have == nil {
		return []Set{p.set}
	}
	return []Set{p.set, *p.Have}
}
