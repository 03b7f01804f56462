package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/watchbell/watchbell/core"
)

// The YAML parser's cost grows with the square of depth and of the number of keys in one
// mapping, so both are bounded before it sees the text. No configuration comes near.
const (
	maxFile  = 1 << 20 // bytes
	maxDepth = 50
	maxKeys  = 1000
)

// whole is the path of problems with a file as such.
const whole = "yaml"

// documents parses a file. What cannot be parsed is a problem, and there are none then.
func (p *parse) documents(f File) []ast.Node {
	first := Position{f.Name, 1, 1}
	text := strings.TrimPrefix(string(f.Data), "\ufeff")
	if len(text) > maxFile {
		p.problems.add(first, whole, "The file is larger than %d KiB; split it into several.", maxFile>>10)
		return nil
	}
	if line, ok := brokenLine(text); !ok {
		p.problems.add(Position{f.Name, line, 1}, whole, "The line is not UTF-8 text; save the file as UTF-8.")
		return nil
	}
	tokens := lexer.Tokenize(text)
	if at, problem := tooMuch(tokens); problem != "" {
		p.problems.add(Position{f.Name, at.Line, at.Column}, whole, "%s", problem)
		return nil
	}
	parsed, err := parseTokens(tokens)
	if err != nil {
		at, problem := explain(err)
		p.problems.add(Position{f.Name, max(at.Line, 1), max(at.Column, 1)}, whole, "%s", problem)
		return nil
	}
	var bodies []ast.Node
	for _, d := range parsed.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType && d.Body.Type() != ast.DirectiveType {
			bodies = append(bodies, d.Body)
		}
	}
	return bodies
}

func brokenLine(text string) (line int, ok bool) {
	if utf8.ValidString(text) {
		return 0, true
	}
	for i, l := range strings.Split(text, "\n") {
		if !utf8.ValidString(l) {
			return i + 1, false
		}
	}
	return 0, true
}

// parseTokens turns a panic of the parser into an error: it is not our code, it has
// panicked on odd text before, and a typing mistake must not end a running service.
func parseTokens(tokens token.Tokens) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("this is no YAML that can be read (%v)", r)
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func explain(err error) (at token.Position, problem string) {
	text := err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		text = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			at = *t.Position
		}
	}
	return at, "The file cannot be read from here on: " + core.Line(text, 120) + ". " + hint(text)
}

// hint says what usually lies behind the parser's words.
func hint(text string) string {
	switch {
	case strings.Contains(text, "mapping value is not allowed"):
		return "A text that contains “: ” needs quotes."
	case strings.Contains(text, "tab character"), strings.Contains(text, "\t"):
		return "Indent with spaces."
	case strings.Contains(text, "not found"), strings.Contains(text, "could not find"), strings.Contains(text, "must be specified"):
		return "Close each bracket and each quote."
	}
	return "Check the indentation and the quotes around it."
}

// tooMuch finds nesting and mappings beyond what the parser can be given.
func tooMuch(tokens token.Tokens) (token.Position, string) {
	var open []int        // for each open bracket the keys inside it
	keys := map[int]int{} // outside of brackets: keys by column
	row, lastLine := 0, 0 // indicators without a value between them; outside, per line
	for _, t := range tokens {
		if len(open) == 0 && t.Position.Line != lastLine {
			row = 0
		}
		lastLine = t.Position.Line
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open = append(open, 0)
			row = 0
		case token.SequenceEndType, token.MappingEndType:
			open = open[:max(0, len(open)-1)]
			row = 0
		case token.CollectEntryType:
			row = 0
		case token.MappingValueType, token.MappingKeyType, token.SequenceEntryType, token.AnchorType, token.AliasType, token.TagType:
			row++
		}
		if t.Type == token.SequenceEntryType && len(open) == 0 {
			forget(keys, t.Position.Column)
		}
		if len(open)+row > maxDepth {
			return *t.Position, fmt.Sprintf("This is nested more than %d deep; nothing in a configuration is.", maxDepth)
		}
		if t.Type == token.MappingValueType && countKey(t, open, keys) > maxKeys {
			return *t.Position, fmt.Sprintf("This has more than %d keys; no mapping in a configuration has.", maxKeys)
		}
	}
	return token.Position{}, ""
}

// countKey counts the keys of the mapping that a colon belongs to. Outside of brackets
// those are the keys of one column, until something further left begins another.
func countKey(t *token.Token, open []int, keys map[int]int) int {
	if len(open) > 0 {
		open[len(open)-1]++
		return open[len(open)-1]
	}
	column := t.Position.Column
	if t.Prev != nil {
		column = t.Prev.Position.Column
	}
	forget(keys, column)
	keys[column]++
	return keys[column]
}

// forget drops the counts of mappings that lie further right than a column.
func forget(keys map[int]int, column int) {
	for c := range keys {
		if c > column {
			delete(keys, c)
		}
	}
}
