package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// File is a configuration file as it was read. Name is what people call it; it stands in
// problems and in what objects remember as their origin.
type File struct {
	Name string
	Data []byte
}

// Options say what a configuration may speak of.
type Options struct {
	Known []string // the platforms that this program has, as they are named in files
	Later []string // platforms that it will have: accounts on them are kept, all else is refused
	Pages []string // of Known, those that take pages and have no conversations for cards
	Have  *Set     // what is there already and may be referred to; nil: only what the files define
}

// Parse reads files, in the order given, into one configuration. It returns every problem
// it finds, in the order of the text; with any of them the Set is incomplete and only good
// for looking at. It never panics, and its work is bounded by the size of the files.
func Parse(files []File, o Options) (Set, []Problem) {
	p := &parse{Options: o, seen: map[unique]Position{}, ids: map[string]int64{}}
	p.set = Set{Positions: map[Ref]Position{}, Platforms: map[string]ast.Node{}, Hash: hash(files)}
	for _, f := range files {
		if slices.Contains(p.set.Files, f.Name) {
			p.problems.add(Position{f.Name, 1, 1}, whole, "The file is named twice; name it once.")
			continue
		}
		p.set.Files = append(p.set.Files, f.Name)
		for _, body := range p.documents(f) {
			p.document(p.reader(f.Name, body))
		}
	}
	p.resolveReferences()
	p.set.Warnings = p.warnings.sorted(files)
	return p.set, p.problems.sorted(files)
}

// hash identifies the content. The files' names do not count: the same text under another
// name has nothing new to say.
func hash(files []File) string {
	h := sha256.New()
	for _, f := range files {
		h.Write([]byte(strconv.Itoa(len(f.Data)) + ":"))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// parse is one run over all files.
type parse struct {
	Options
	set                Set
	problems, warnings findings
	references         []reference
	seen               map[unique]Position
	ids                map[string]int64 // numbers that stand for users where schedules wants ids
}

// unique is something that may be there only once, such as an account of a platform.
type unique struct{ what, text string }

func (p *parse) document(v value) {
	if _, ok := v.node.(ast.MapNode); !ok {
		if v.path = whole; v.present() {
			v.problem("A configuration is a mapping with keys such as users, schedules and alertSources; this is %s.", v.is())
		}
		return
	}
	o, _ := v.object()
	for _, e := range o.get("users").list() {
		e.user()
	}
	for _, e := range o.get("teams").list() {
		e.team()
	}
	for _, e := range o.get("supportHours").list() {
		e.supportHours()
	}
	for _, e := range o.get("schedules").list() {
		e.schedule()
	}
	for _, e := range o.get("escalationPolicies").list() {
		e.policy()
	}
	for _, e := range o.get("alertSources").list() {
		e.source()
	}
	for _, e := range o.get("heartbeatMonitors").list() {
		e.heartbeat()
	}
	for _, e := range o.get("maintenanceWindows").list() {
		e.maintenance()
	}
	o.platforms()
	o.later("alertActions", "connectors", "eventFlows", "services",
		"statusPages", "auth", "deadman", "retention")
	o.done()
}

// platforms keeps the blocks of the platforms that the program has as they are: only
// their adapters know what is in them.
func (o *object) platforms() {
	o.later(o.Later...)
	for _, name := range o.Known {
		v := o.get(name)
		if !v.present() {
			continue
		}
		if _, ok := v.node.(ast.MapNode); !ok {
			v.wrong("a mapping of keys to values")
			continue
		}
		ref := Ref{PlatformBlock, name}
		if first, ok := o.set.Positions[ref]; ok {
			v.problem("%s is set up twice, first at %s; delete one.", name, first)
			continue
		}
		o.set.Positions[ref] = v.at
		o.set.Platforms[name] = v.node
	}
}

// platform judges the name of a platform that has to be there.
func (v value) platform(name string) bool {
	switch {
	case name == "":
		return false
	case slices.Contains(v.Known, name):
		return true
	case slices.Contains(v.Later, name):
		v.problem("%s is %s", name, notYet)
	default:
		v.noPlatform(name)
	}
	return false
}

func (v value) noPlatform(name string) {
	v.problem("There is no platform %s.%s", quote(name), DidYouMean(name, slices.Concat(v.Known, v.Later)))
}

// once refuses what another object has already. The text is not shown if it is secret.
func (v value) once(what, text string) bool {
	key := unique{what, text}
	first, ok := v.seen[key]
	if ok {
		v.problem("The %s is there already, at %s; it must be unique.", what, first)
		return false
	}
	v.seen[key] = v.at
	return true
}

// define notes where an object is. One that is there already is a problem.
func (v value) define(kind, name string) bool {
	if name == "" {
		return false
	}
	ref := Ref{kind, name}
	if first, ok := v.set.Positions[ref]; ok {
		v.problems.add(v.at, v.path, "%s is defined twice, first at %s; rename or delete one.", quote(name), first)
		return false
	}
	v.set.Positions[ref] = v.at
	return true
}

func (v value) id(user string) int64 {
	if user == "" {
		return 0
	}
	if v.ids[user] == 0 {
		v.ids[user] = int64(len(v.ids)) + 1
	}
	return v.ids[user]
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
