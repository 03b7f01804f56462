package config

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/watchbell/watchbell/core"
)

// Position is where something was written. Line and column count from 1; 0 is a whole
// file.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Origin is the position as an object's origin has it: file:NAME:LINE.
func (p Position) Origin() string { return fmt.Sprintf("%s%s:%d", fromFile, p.File, p.Line) }

// Problem is one finding: where it stands, twice (the position for an editor, the path for
// a person), and a text that says what is wrong and what to do. No secret is ever in it.
type Problem struct {
	Position
	Path, Text string
}

func (p Problem) String() string { return p.Position.String() + ": " + p.Path + ": " + p.Text }

// NotYet tells whether the problem is only that this program does not have something yet.
func (p Problem) NotYet() bool {
	return len(p.Text) >= len(notYet) && p.Text[len(p.Text)-len(notYet):] == notYet
}

const (
	notYet = "not available yet."

	// maxFindings bounds what one file of nonsense can make us say.
	maxFindings = 1000
)

// findings collects problems, or warnings.
type findings []Problem

func (f *findings) add(at Position, path, format string, args ...any) {
	path = cmp.Or(path, whole) // the document itself has no path
	switch n := len(*f); {
	case n < maxFindings-1:
		*f = append(*f, Problem{at, path, fmt.Sprintf(format, args...)})
	case n == maxFindings-1:
		*f = append(*f, Problem{at, path, fmt.Sprintf("There are more than these %d findings; mend them first.", n)})
	}
}

// sorted returns the findings in the order of the files and of their text, each once.
func (f findings) sorted(files []File) []Problem {
	order := make(map[string]int, len(files))
	for i, file := range files {
		order[file.Name] = i
	}
	slices.SortStableFunc(f, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(f)
}

// quote shows text from outside in a sentence: in one line, and cut if it is long.
func quote(s string) string { return "“" + core.Line(s, 60) + "”" }
