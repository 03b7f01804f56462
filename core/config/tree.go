package config

import (
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// A tree is an object as the file writes it. Export prints trees and Diff compares them,
// so that what one of them knows the other cannot forget; parsing is the way back.
type tree struct {
	scalar string // as YAML; "" for a list or a mapping
	list   []tree
	pairs  []pair
	form   form
}

type form int

const (
	scalar form = iota
	secret      // a scalar that nobody is shown
	list
	mapping
)

type pair struct {
	key string
	tree
}

func textTree(s string) tree        { return tree{scalar: quoteYAML(s)} }
func numberTree(n int) tree         { return tree{scalar: strconv.Itoa(n)} }
func truthTree(b bool) tree         { return tree{scalar: strconv.FormatBool(b)} }
func secretTree(s core.Secret) tree { return tree{scalar: quoteYAML(s.Reveal()), form: secret} }

func textsTree(texts []string) tree { return listTree(texts, textTree) }

func listTree[T any](items []T, one func(T) tree) tree {
	t := tree{form: list}
	for _, x := range items {
		t.list = append(t.list, one(x))
	}
	return t
}

// put adds a key and its value to a mapping.
func (t *tree) put(key string, value tree) {
	t.form = mapping
	t.pairs = append(t.pairs, pair{key, value})
}

// text adds a key if there is anything to say.
func (t *tree) text(key, s string) {
	if s != "" {
		t.put(key, textTree(s))
	}
}

// duration adds a length of time, unless it is none.
func (t *tree) duration(key string, d time.Duration) {
	if d > 0 {
		t.put(key, tree{scalar: formatDuration(d)})
	}
}

// texts adds a list, unless it is not set; what is set and empty is written.
func (t *tree) texts(key string, texts []string) {
	if texts != nil {
		t.put(key, textsTree(texts))
	}
}

// flow writes a tree in one line.
func (t tree) flow() string {
	var parts []string
	switch t.form {
	case list:
		for _, x := range t.list {
			parts = append(parts, x.flow())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case mapping:
		for _, p := range t.pairs {
			parts = append(parts, p.key+": "+p.flow())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return t.scalar
}

// A leaf is a value without parts that have names: a scalar, or a list of scalars.
type leaf struct {
	path, text string
	secret     bool
}

// leaves appends what is in a tree, by path. Empty lists and mappings are nothing.
func (t tree) leaves(path string, to []leaf) []leaf {
	switch {
	case t.form == mapping:
		for _, p := range t.pairs {
			to = p.leaves(join(path, p.key), to)
		}
		return to
	case t.form == list && len(t.list) == 0:
		return to
	case t.form == list && t.list[0].form != scalar:
		for i, x := range t.list {
			to = x.leaves(element(path, i), to)
		}
		return to
	}
	return append(to, leaf{path, t.flow(), t.form == secret})
}

// quoteYAML writes a text so that it is read as that text by any reader of YAML.
func quoteYAML(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd") // the same letters to Go and YAML; bytes would not be
	if plain(s) {
		return s
	}
	return strconv.Quote(s)
}

// plain tells whether a text needs no quotes: letters first, nothing that YAML gives a
// meaning, and none of its words.
func plain(s string) bool {
	if s == "" || !isLetter(s[0]) || !isLetter(s[len(s)-1]) && !isDigit(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) && !strings.ContainsRune("_-./@ ", rune(s[i])) {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return false
	}
	return true
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return '0' <= b && b <= '9' }
