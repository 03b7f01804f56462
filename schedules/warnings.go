package schedules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Unseen is a layer in which somebody's turns always fall where the layer has nobody.
type Unseen struct {
	Layer int // 1-based
	Name  string
	Users []core.UserID // in the order of the layer, each once
}

// FindUnseen returns the layers in which somebody never comes up in three rounds from the
// layer's start: the rotation runs on while a layer is restricted, so with a turn a day,
// Monday to Friday and seven people, two of them get the weekend each time. When a layer
// ends, and what lies above it, is left aside. The schedule must be valid; layers that
// are not are passed over.
func FindUnseen(s Schedule) []Unseen {
	var out []Unseen
	for i, in := range s.Layers {
		var f findings
		l := f.layer("", in)
		if len(f) > 0 || l.week.always {
			continue
		}
		if users := l.unseen(); len(users) > 0 {
			out = append(out, Unseen{i + 1, in.Name, users})
		}
	}
	return out
}

func (l *layer) unseen() []core.UserID {
	n := int64(len(l.users))
	seen := make(map[core.UserID]bool, n)
	for k := range 3 * n {
		if open, ok := l.week.from(l.reading(k)); ok && open.start < l.reading(k+1) {
			seen[l.users[k%n]] = true
		}
	}
	var never []core.UserID
	for _, u := range l.users {
		if !seen[u] && !slices.Contains(never, u) {
			never = append(never, u)
		}
	}
	return never
}

// Text is the warning for a person, with users named by name.
func (u Unseen) Text(name func(core.UserID) string) string {
	names := make([]string, len(u.Users))
	for i, id := range u.Users {
		names[i] = name(id)
	}
	layer := fmt.Sprintf("Layer %d", u.Layer)
	if u.Name != "" {
		layer += " (" + quote(u.Name) + ")"
	}
	verb := "come"
	if len(names) == 1 {
		verb = "comes"
	}
	return fmt.Sprintf("%s: %s never %s up in three rounds, because each of their turns lies outside the restrictions. "+
		"The rotation runs on while the layer is restricted.", layer, strings.Join(names, ", "), verb)
}

// Warnings returns what is allowed and probably not meant, as sentences that name users by
// id. Who knows their names asks FindUnseen.
func Warnings(s Schedule) []string {
	var out []string
	for _, u := range FindUnseen(s) {
		out = append(out, u.Text(func(id core.UserID) string { return fmt.Sprintf("user %d", id) }))
	}
	return out
}
