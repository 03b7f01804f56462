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

// explain never asks the parser's error for its whole text, which quotes the file and
// takes minutes for a long one.
func explain(err error) (at token.Position, problem string) {
	e, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return at, "The file cannot be read: " + core.Line(err.Error(), 120) + ". " + hint("")
	}
	text := e.GetMessage()
	if t := e.GetToken(); t != nil && t.Position != nil {
		at = *t.Position
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
