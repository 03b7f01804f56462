package config

import (
	"fmt"
	"strings"
)

// Op is what a plan does to one object.
type Op string

const (
	Create Op = "create"
	Update Op = "update"
	Delete Op = "delete"
	Adopt  Op = "adopt" // nothing changes but where it comes from
)

// Change is one object's change. Exactly the pointer of its kind is set in Want (none for
// Delete). It is the object as the file writes it: what that leaves unset stays as it is,
// and Keep says so.
type Change struct {
	Op     Op
	Ref    Ref
	At     Position // in the file; zero for Delete and for what no file names any more
	From   string   // the object's origin so far; "" for Create
	Origin string   // what it becomes; "" for Delete
	Fields []Field  // what an Update changes, for people
	Note   string   // why it is not what was asked for; may be empty
	Want   Object
}

// Field is one difference, as people read it: in the file's words, "" for nothing. Of a
// secret it says no more than that it changes.
type Field struct {
	Path, Have, Want string
	Secret           bool
}

// Object is one desired object of any kind.
type Object struct {
	User         *User
	Team         *Team
	SupportHours *SupportHours
	Schedule     *Schedule
	Policy       *Policy
	Source       *Source
	Heartbeat    *HeartbeatMonitor
	Maintenance  *Maintenance
}

// Plan makes what is there what a file wants. Its order is safe: what others name is
// made first and deleted last.
type Plan struct {
	Version int64 // the configuration's version it was made against
	Hash    string
	Changes []Change
}

// Empty tells whether the plan changes no object. Objects may still change hands: a file
// that says exactly what is there takes over what the API made, and that is no difference.
func (p Plan) Empty() bool {
	for _, c := range p.Changes {
		if c.Op != Adopt {
			return false
		}
	}
	return true
}

// maxFields is how many differences of one object are shown.
const maxFields = 30

// String is the plan for people: a line for each difference (+ new, ~ changed, - deleted,
// = changes hands), then a sum. An object that only moved inside its file is not shown.
func (p Plan) String() string {
	var b strings.Builder
	count := map[Op]int{}
	for _, c := range p.Changes {
		count[c.Op]++
		c.write(&b)
	}
	if p.Empty() {
		b.WriteString("No difference.\n")
		return b.String()
	}
	fmt.Fprintf(&b, "%d to create, %d to change, %d to delete.\n", count[Create], count[Update], count[Delete])
	return b.String()
}

func (c Change) write(b *strings.Builder) {
	name := nouns[c.Ref.Kind] + " " + shown(c.Ref.Name)
	switch c.Op {
	case Create:
		fmt.Fprintf(b, "+ %s\n", name)
	case Delete:
		fmt.Fprintf(b, "- %s\n", name)
	case Update:
		for i, f := range c.Fields {
			if i == maxFields {
				fmt.Fprintf(b, "~ %s: and %d more differences\n", name, len(c.Fields)-i)
				break
			}
			fmt.Fprintf(b, "~ %s: %s\n", name, f)
		}
	case Adopt:
		c.writeAdopt(b, name)
	}
}

func (c Change) writeAdopt(b *strings.Builder, name string) {
	switch {
	case c.Note != "":
		fmt.Fprintf(b, "= %s: %s\n", name, c.Note)
	case c.Origin == OriginAPI:
		fmt.Fprintf(b, "= %s: no file names it any more; it stays, and can be changed by API and chat\n", name)
	case !strings.HasPrefix(c.From, fromFile):
		fmt.Fprintf(b, "= %s: from now on %s says what it is\n", name, c.At)
	}
}

func (f Field) String() string {
	if f.Secret {
		return f.Path + " changed"
	}
	return f.Path + " " + orNone(f.Have) + " -> " + orNone(f.Want)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// shown is a name in a plan: as it is if it is plain, else in quotes.
func shown(name string) string { return quoteYAML(name) }
