package normalize

import (
	"bytes"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is one JSON value of a body, kept as its bytes and read when asked. Every
// question has an answer: what is not there, or is of another type, is the zero Value,
// an empty text or an empty sequence. The zero Value is "not there".
type Value struct {
	raw   []byte
	index []place // an object's members, if they were looked up in advance
}

// place is where a member stands in its object: offsets of name and value.
type place struct{ name, nameEnd, start, end int32 }

// decode checks a body and takes it as JSON. Bytes that are not UTF-8 become U+FFFD.
func decode(b []byte) (Value, error) {
	if !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\uFEFF")))
	if err := check(b); err != nil {
		return Value{}, err
	}
	return Value{raw: b}.indexed(), nil
}

// indexed is the same value, for which Get need not walk the bytes each time.
func (v Value) indexed() Value {
	if len(v.raw) > math.MaxInt32 {
		return v
	}
	var index []place
	for p := range v.places() {
		index = append(index, p)
	}
	v.index = index
	return v
}

func (v Value) kind() byte {
	if len(v.raw) == 0 {
		return 0
	}
	return v.raw[0]
}

// There tells whether the value is there and not null.
func (v Value) There() bool { return len(v.raw) > 0 && v.raw[0] != 'n' }

// IsObject tells whether it has members.
func (v Value) IsObject() bool { return v.kind() == '{' }

// IsList tells whether it has items.
func (v Value) IsList() bool { return v.kind() == '[' }

// IsString tells whether it is a text, in quotes.
func (v Value) IsString() bool { return v.kind() == '"' }

// IsNumber tells whether it is a number.
func (v Value) IsNumber() bool {
	return v.kind() == '-' || '0' <= v.kind() && v.kind() <= '9'
}

// Members are an object's, in order, duplicates too; names are decoded.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for name, value := range v.members() {
			if !yield(unquote(name), value) {
				return
			}
		}
	}
}

// members are the same with names as they stand, in quotes.
func (v Value) members() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		for p := range v.places() {
			if !yield(v.raw[p.name:p.nameEnd], Value{raw: v.raw[p.start:p.end]}) {
				return
			}
		}
	}
}

func (v Value) places() iter.Seq[place] {
	if v.index != nil {
		return slices.Values(v.index)
	}
	return func(yield func(place) bool) {
		if !v.IsObject() {
			return
		}
		b := v.raw
		for i := skipSpace(b, 1); i < len(b) && b[i] == '"'; {
			nameEnd := endString(b, i)
			start := skipSpace(b, skipSpace(b, nameEnd)+1) // past the colon
			end := endValue(b, start)
			if !yield(place{int32(i), int32(nameEnd), int32(start), int32(end)}) {
				return
			}
			i = skipSpace(b, skipSpace(b, end)+1) // past the comma
		}
	}
}

// Items are a list's, in order.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.IsList() {
			return
		}
		b := v.raw
		for i := skipSpace(b, 1); i < len(b) && b[i] != ']'; {
			end := endValue(b, i)
			if !yield(Value{raw: b[i:end]}) {
				return
			}
			i = skipSpace(b, skipSpace(b, end)+1)
		}
	}
}

// Get is an object's member. Names match as Go's JSON library matches them: letters'
// case aside, and of several the last one counts.
func (v Value) Get(name string) (found Value) {
	for p := range v.places() {
		if named(v.raw[p.name:p.nameEnd], name) {
			found = Value{raw: v.raw[p.start:p.end]}
		}
	}
	return found
}

// named compares a member's name as it stands with a plain one.
func named(quoted []byte, name string) bool {
	if len(quoted)-2 < len(name) {
		return false // neither folding nor escapes make it shorter
	}
	if bytes.IndexByte(quoted, '\\') >= 0 {
		return strings.EqualFold(unquote(quoted), name)
	}
	return bytes.EqualFold(quoted[1:len(quoted)-1], []byte(name))
}

// At follows a path of members: "data.item.id". A number picks an item of a list.
func (v Value) At(path string) Value {
	for name := range strings.SplitSeq(path, ".") {
		if v.IsList() {
			v = v.item(name)
			continue
		}
		v = v.Get(name)
	}
	return v
}

func (v Value) item(index string) Value {
	n, err := strconv.Atoi(index)
	if err != nil {
		return Value{}
	}
	for item := range v.Items() {
		if n == 0 {
			return item
		}
		n--
	}
	return Value{}
}

// Text is what the value says: a string's text, a number's digits as they stand, true or
// false. Null, objects and lists say nothing.
func (v Value) Text() string {
	switch {
	case v.IsString():
		return unquote(v.raw)
	case v.IsNumber(), v.kind() == 't', v.kind() == 'f':
		return string(v.raw)
	}
	return ""
}

// Show is Text, or compact JSON for what has members or items.
func (v Value) Show() string {
	if v.IsObject() || v.IsList() {
		return string(v.compact())
	}
	return v.Text()
}

// First is the text of the first path that says something other than white space.
func (v Value) First(paths ...string) string {
	for _, p := range paths {
		if t := v.At(p).Text(); strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// unquote decodes a JSON string. Lone surrogates become U+FFFD.
func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return string(inner)
	}
	return s
}

func (v Value) compact() json.RawMessage {
	var b bytes.Buffer
	b.Grow(len(v.raw))
	if err := json.Compact(&b, v.raw); err != nil {
		return nil
	}
	return b.Bytes()
}

// payload is the value as an event carries it along: compact, and without the members
// that hold the key of a source.
func (v Value) payload() json.RawMessage {
	if !v.There() {
		return nil
	}
	if !v.IsObject() {
		return v.compact()
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for name, value := range v.members() {
		if secret(unquote(name)) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value.raw)
	}
	b.WriteByte('}')
	return Value{raw: b.Bytes()}.compact()
}

// hasSecret tells whether the object, or an object of the list, holds a source's key.
func (v Value) hasSecret() bool {
	for name := range v.Members() {
		if secret(name) {
			return true
		}
	}
	for item := range v.Items() {
		if item.IsObject() && item.hasSecret() {
			return true
		}
	}
	return false
}

// secret tells whether a member of this name holds a source's key. Keys must not be
// stored with a payload, nor shown with it.
func secret(name string) bool {
	name = strings.ToLower(name)
	if name == "routing_key" || name == "service_key" {
		return true
	}
	name = strings.ReplaceAll(name, "_", "")
	return strings.HasSuffix(name, "apikey") || strings.HasSuffix(name, "integrationkey")
}
