package config

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// The YAML parser's cost grows with the square of depth, of the keys in one mapping, and
// of the documents in one file, so all are bounded before it sees the text. No
// configuration comes near.
const (
	maxFile      = 1 << 20 // bytes
	maxDepth     = 50
	maxKeys      = 1000
	maxDocuments = 100
)

// A meter measures tokens in their order.
type meter struct {
	open      []bracket
	columns   map[int]int // outside of brackets: how many keys the mapping in a column has
	documents int
	row       int // indicators without a value between them; outside of brackets, in one line
	line      int
}

type bracket struct {
	mapping bool
	commas  int
}

// tooMuch finds nesting, mappings and documents beyond what the parser can be given.
func tooMuch(tokens token.Tokens) (token.Position, string) {
	m := meter{columns: map[int]int{}}
	for _, t := range tokens {
		if problem := m.count(t); problem != "" {
			return *t.Position, problem
		}
	}
	return token.Position{}, ""
}

func (m *meter) count(t *token.Token) string {
	if len(m.open) == 0 && t.Position.Line != m.line {
		m.row = 0
	}
	m.line = t.Position.Line
	keys := 0
	switch t.Type {
	case token.DocumentHeaderType:
		m.documents++
	case token.SequenceStartType, token.MappingStartType:
		m.open = append(m.open, bracket{mapping: t.Type == token.MappingStartType})
		m.row = 0
	case token.SequenceEndType, token.MappingEndType:
		m.open = m.open[:max(0, len(m.open)-1)]
		m.row = 0
	case token.CollectEntryType:
		keys = m.comma()
	case token.MappingValueType:
		keys = m.colon(t)
	case token.SequenceEntryType:
		m.dash(t)
	case token.MappingKeyType, token.AnchorType, token.AliasType, token.TagType:
		m.row++
	}
	switch {
	case m.documents > maxDocuments:
		return fmt.Sprintf("The file has more than %d documents; one is enough.", maxDocuments)
	case len(m.open)+m.row > maxDepth:
		return fmt.Sprintf("This is nested more than %d deep; nothing in a configuration is.", maxDepth)
	case keys > maxKeys:
		return fmt.Sprintf("This has more than %d keys; no mapping in a configuration has.", maxKeys)
	}
	return ""
}

// comma counts the entries of a mapping in braces.
func (m *meter) comma() int {
	m.row = 0
	if len(m.open) == 0 || !m.open[len(m.open)-1].mapping {
		return 0
	}
	m.open[len(m.open)-1].commas++
	return m.open[len(m.open)-1].commas
}

// colon counts the keys of a mapping without braces. Those are the keys of one column,
// until something further left begins another.
func (m *meter) colon(t *token.Token) int {
	m.row++
	if len(m.open) > 0 {
		return 0
	}
	column := t.Position.Column
	if t.Prev != nil {
		column = t.Prev.Position.Column
	}
	m.forget(column)
	m.columns[column]++
	return m.columns[column]
}

// dash begins an element of a list, and with it new mappings.
func (m *meter) dash(t *token.Token) {
	m.row++
	if len(m.open) == 0 {
		m.forget(t.Position.Column)
	}
}

// forget drops the counts of mappings that lie further right than a column.
func (m *meter) forget(column int) {
	for c := range m.columns {
		if c > column {
			delete(m.columns, c)
		}
	}
}
