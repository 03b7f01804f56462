package config

import (
	"cmp"

	"github.com/goccy/go-yaml/ast"
)

// repetition bounds how often a document is read through aliases, which can say the same
// thing any number of times: so many values for each that is written.
const repetition = 5

// A reader reads one document.
type reader struct {
	*parse
	file    string
	aliases map[*ast.AliasNode]ast.Node
	places  map[string]Position // by path
	budget  int
}

func (p *parse) reader(file string, body ast.Node) value {
	r := &reader{parse: p, file: file, aliases: map[*ast.AliasNode]ast.Node{}, places: map[string]Position{}, budget: 1000}
	r.anchors(body, map[string]ast.Node{})
	return value{r, r.resolve(body), r.position(body), ""}
}

// anchors finds what each alias means: the last anchor of that name that ended before it.
// An alias inside its own anchor means nothing, so there are no circles.
func (r *reader) anchors(n ast.Node, known map[string]ast.Node) {
	r.budget += repetition
	switch n := n.(type) {
	case *ast.AnchorNode:
		r.anchors(n.Value, known)
		known[n.Name.GetToken().Value] = n.Value
	case *ast.AliasNode:
		r.aliases[n] = known[n.Value.GetToken().Value]
	case *ast.TagNode:
		r.anchors(n.Value, known)
	case *ast.SequenceNode:
		for _, e := range n.Values {
			r.anchors(e, known)
		}
	case ast.MapNode:
		for entries := n.MapRange(); entries.Next(); {
			r.anchors(entries.Value(), known)
		}
	}
}

// resolve looks through anchors and aliases. What cannot be read is an absent value and a
// problem.
func (r *reader) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.AliasNode:
			if r.aliases[x] == nil {
				r.problems.add(r.position(x), whole, "There is no anchor %s before this.", quote(x.Value.GetToken().Value))
				return nil
			}
			n = r.aliases[x]
		case *ast.TagNode:
			r.problems.add(r.position(x), whole, "Tags such as %s are not understood; leave it out.", quote(x.GetToken().Value))
			return nil
		default:
			return n
		}
	}
	return nil
}

// child is a value inside another. A null without text stands where its parent does.
func (v value) child(path string, n ast.Node) value {
	at := v.position(n)
	if at.Line == 0 {
		at = v.at
	}
	v.places[path] = at
	return value{v.reader, v.resolve(n), at, path}
}

// position is where a node begins for a person: at its first key, bracket, dash or letter.
func (r *reader) position(n ast.Node) Position { return NodePosition(r.file, n) }

// NodePosition is where a node of a platform's block stands, for problems with it.
func NodePosition(file string, n ast.Node) Position {
	switch x := n.(type) {
	case *ast.MappingNode:
		if !x.IsFlowStyle && len(x.Values) > 0 {
			n = x.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = x.Key
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return Position{File: file}
	}
	at := n.GetToken().Position
	return Position{file, at.Line, at.Column}
}

// spend counts a value; it is false once there were too many.
func (r *reader) spend(v value) bool {
	r.budget--
	if r.budget == 0 {
		// Past the limit of findings, too: it is why the rest is missing.
		v.problems = append(v.problems, Problem{v.at, cmp.Or(v.path, whole), "With its aliases the file says more than can be read; use fewer of them."})
	}
	return r.budget > 0
}
