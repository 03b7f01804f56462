package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// An object is a mapping with keys we know. It remembers which keys were asked for; what
// was not is unknown. So what is read and what is known cannot differ.
type object struct {
	value
	fields []field
	asked  []string
}

type field struct {
	key string
	at  Position
	value
}

// object reads a mapping; without one it is empty, and knows nothing.
func (v value) object() (*object, bool) {
	m, ok := v.node.(ast.MapNode)
	if !ok {
		v.wrong("a mapping of keys to values")
		return &object{value: v}, false
	}
	o := &object{value: v}
	var merged []value
	for entries := m.MapRange(); entries.Next(); {
		if !v.spend(v) {
			break
		}
		key := entries.Key()
		at := v.position(key)
		if key.IsMergeKey() {
			merged = append(merged, value{v.reader, v.resolve(entries.Value()), at, v.path})
			continue
		}
		name, ok := keyText(key)
		if !ok {
			v.problems.add(at, v.path, "This key is not a name; write a word, a colon and the value.")
			continue
		}
		o.put(field{name, at, v.child(join(v.path, name), entries.Value())})
	}
	for _, m := range merged {
		o.merge(m)
	}
	return o, true
}

// keyText is a key as it is written: the words of YAML, such as a number, are names too.
func keyText(key ast.MapKeyNode) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.MappingKeyNode, *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.LiteralNode:
		return "", false
	case ast.ScalarNode:
		return strings.TrimSpace(k.GetToken().Value), true
	}
	return "", false
}

func (o *object) put(f field) {
	if i := o.index(f.key); i >= 0 {
		o.problems.add(f.at, f.path, "The key is there twice, first at %s; delete one.", o.fields[i].at)
		return
	}
	o.fields = append(o.fields, f)
}

// merge adds what `<<` brings and the mapping itself does not have.
func (o *object) merge(v value) {
	if _, ok := v.node.(*ast.SequenceNode); ok {
		for _, e := range v.list() {
			o.merge(e)
		}
		return
	}
	other, _ := v.object()
	for _, f := range other.fields {
		if o.index(f.key) < 0 {
			o.fields = append(o.fields, f)
		}
	}
}

func (o *object) index(key string) int {
	return slices.IndexFunc(o.fields, func(f field) bool { return f.key == key })
}

// get returns a key's value, absent if it is not there.
func (o *object) get(key string) value {
	o.asked = append(o.asked, key)
	if i := o.index(key); i >= 0 {
		return o.fields[i].value
	}
	return value{o.reader, nil, o.at, join(o.path, key)}
}

// need is get for what must be there.
func (o *object) need(key, example string) value {
	v := o.get(key)
	if !v.present() {
		v.problem("This is missing; write %s: %s.", key, example)
	}
	return v
}

// later refuses keys that the API has and this program does not have yet.
func (o *object) later(keys ...string) {
	for _, key := range keys {
		if v := o.get(key); v.node != nil {
			o.fields[o.index(key)].refuse("%s is %s", key, notYet)
		}
	}
}

// refuse notes a problem with a key, at the key.
func (f field) refuse(format string, args ...any) { f.problems.add(f.at, f.path, format, args...) }

// done refuses every key that nobody asked for.
func (o *object) done() {
	for _, f := range o.fields {
		if !slices.Contains(o.asked, f.key) {
			f.refuse("There is no key %s here.%s", quote(f.key), o.known(f.key))
		}
	}
}

// known names the key that was probably meant, else those there are.
func (o *object) known(key string) string {
	if hint := DidYouMean(key, o.asked); hint != "" {
		return hint
	}
	const most = 12
	if len(o.asked) > most {
		return " Known are " + strings.Join(o.asked[:most], ", ") + " and more."
	}
	return " Known are " + strings.Join(o.asked, ", ") + "."
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
