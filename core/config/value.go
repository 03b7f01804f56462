package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A value is a node and where it stands. The zero node is an absent value; null is absent
// too. Whatever is asked of a value of the wrong type is answered with a zero and noted as
// a problem, so that reading always goes on.
type value struct {
	*reader
	node ast.Node
	at   Position
	path string
}

func (v value) problem(format string, args ...any) { v.problems.add(v.at, v.path, format, args...) }
func (v value) warn(format string, args ...any)    { v.warnings.add(v.at, v.path, format, args...) }

// present tells whether there is anything but null.
func (v value) present() bool { return v.node != nil && v.node.Type() != ast.NullType }

// is describes the value for a problem, without showing it.
func (v value) is() string {
	if v.node == nil {
		return "nothing"
	}
	switch v.node.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.IntegerNode:
		if _, ok := v.number(); !ok {
			return "a number in another notation than digits"
		}
		return "a number"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number with a fraction"
	case *ast.BoolNode:
		return "true or false"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.NullNode:
		return "empty"
	}
	return "something else"
}

func (v value) wrong(want string) {
	if v.present() {
		v.problem("This should be %s, and is %s.", want, v.is())
	}
}

// raw is a text without any judgement.
func (v value) raw() (string, bool) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

// text is one line of up to 255 characters.
func (v value) text() string {
	s, ok := v.raw()
	if !ok {
		want := "a text"
		if _, scalar := v.node.(ast.ScalarNode); scalar {
			want = "a text in quotes"
		}
		v.wrong(want)
		return ""
	}
	if problem := lineProblem(s); problem != "" {
		v.problem("%s", problem)
		return ""
	}
	return s
}

// word is one of a set of words.
func (v value) word(words ...string) string {
	s := v.text()
	if s == "" || slices.Contains(words, s) {
		return s
	}
	v.problem("%s is not one of %s.%s", quote(s), strings.Join(words, ", "), DidYouMean(s, words))
	return ""
}

// integer is a whole number within limits.
func (v value) integer(least, most int) int {
	n, ok := v.number()
	if !ok {
		v.wrong("a whole number")
		return 0
	}
	if n < int64(least) || n > int64(most) {
		v.problem("%d is not from %d to %d.", n, least, most)
		return 0
	}
	return int(n)
}

// number reads decimal digits only: 0x10 and 1_000 are more likely slips than numbers.
func (v value) number() (int64, bool) {
	n, ok := v.node.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(strings.TrimSpace(n.Token.Value), 10, 64)
	return i, err == nil
}

func (v value) isTruth() bool {
	_, ok := v.node.(*ast.BoolNode)
	return ok
}

func (v value) isEmptyList() bool {
	s, ok := v.node.(*ast.SequenceNode)
	return ok && len(s.Values) == 0
}

func (v value) boolean() bool {
	if b, ok := v.node.(*ast.BoolNode); ok {
		return b.Value
	}
	v.wrong("true or false")
	return false
}

// list is the elements of a list; a present but empty list is not nil.
func (v value) list() []value {
	s, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.wrong("a list such as [a, b]")
		return nil
	}
	out := make([]value, 0, len(s.Values))
	for i, n := range s.Values {
		if !v.spend(v) {
			break
		}
		out = append(out, v.child(fmt.Sprintf("%s[%d]", v.path, i), n))
	}
	return out
}

// atMost cuts a list at its limit.
func (v value) atMost(most int) []value {
	l := v.list()
	if len(l) > most {
		v.problem("There are %d entries; at most %d are possible.", len(l), most)
		return l[:most]
	}
	return l
}
