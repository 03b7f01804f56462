package config

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// lineWidth is how much of a tree is written in one line before it becomes a block.
const lineWidth = 120

// Export writes the objects of a set as a configuration file: sections and keys in the
// order of the documentation, objects in the order of the set. Parsing it gives the same
// objects, keys included: who may not see them passes a set without. Platforms' blocks are
// not written, since no database has them.
func Export(s Set) ([]byte, error) {
	var b bytes.Buffer
	kind := ""
	for o := range s.objects() {
		if k := o.Ref().Kind; k != kind {
			kind = k
			b.WriteString(sections[k] + ":\n")
		}
		writeItem(&b, o.tree(), 2, o.User != nil || o.Team != nil || o.SupportHours != nil)
	}
	return b.Bytes(), nil
}

var sections = map[string]string{
	Users: "users", Teams: "teams", SupportHour: "supportHours", Schedules: "schedules",
	Policies: "escalationPolicies", Sources: "alertSources",
	Heartbeats:   "heartbeatMonitors",
	Maintenances: "maintenanceWindows",
}

// writeItem writes one element of a list: in one line if it may and fits.
func writeItem(b *bytes.Buffer, t tree, indent int, oneLine bool) {
	b.WriteString(spaces(indent) + "- ")
	if line := t.flow(); t.form != mapping || len(t.pairs) == 0 || oneLine && fits(line, indent+2) {
		b.WriteString(line + "\n")
		return
	}
	for i, p := range t.pairs {
		if i > 0 {
			b.WriteString(spaces(indent + 2))
		}
		writePair(b, p, indent+2)
	}
}

func writePair(b *bytes.Buffer, p pair, indent int) {
	b.WriteString(p.key + ":")
	line := p.flow()
	listOfMappings := p.form == list && len(p.list) > 0 && p.list[0].form == mapping
	switch {
	case p.form != mapping && p.form != list, !listOfMappings && fits(line, indent+len(p.key)+2), line == "[]", line == "{}":
		b.WriteString(" " + line + "\n")
	case p.form == list:
		b.WriteString("\n")
		for _, x := range p.list {
			writeItem(b, x, indent+2, true)
		}
	default:
		b.WriteString("\n")
		for _, q := range p.pairs {
			b.WriteString(spaces(indent + 2))
			writePair(b, q, indent+2)
		}
	}
}

func fits(line string, indent int) bool { return indent+utf8.RuneCountInString(line) <= lineWidth }

func spaces(n int) string { return strings.Repeat(" ", n) }
