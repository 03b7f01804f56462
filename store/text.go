package store

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// errText is text that PostgreSQL does not take. SQLite would; it must not, or what works
// there would fail elsewhere. It is Refused: callers clean text that comes from outside.
var errText = errors.New("text with U+0000 or invalid UTF-8")

// storable looks at every text before it goes to the database, which on PostgreSQL spares
// the transaction: after an error of the server nothing more can be done in it.
func storable(values []any) error {
	for _, v := range values {
		text, ok := v.(string)
		if p, is := v.(*string); is && p != nil {
			text, ok = *p, true
		}
		if ok && (strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text)) {
			return errText
		}
	}
	return nil
}

func allStorable(rows [][]any) error {
	for _, r := range rows {
		if err := storable(r); err != nil {
			return err
		}
	}
	return nil
}
