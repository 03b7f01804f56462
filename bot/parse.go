package bot

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/watchbell/watchbell/core"
)

// word is one word of what somebody typed; quotes keep several together. At is where it
// begins in the text, so that a comment can be taken as it was written.
type word struct {
	text   string
	at     int
	quoted bool
}

// quotes are the characters that open and close a quotation. The single ones are left
// out: they are apostrophes.
var quotes = map[rune]rune{'"': '"', '“': '”', '„': '“', '«': '»'}

// wordsOf splits text at white space. A quotation that is not closed goes to the end.
func wordsOf(text string) []word {
	var out []word
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			at += size
			continue
		}
		w, next := oneWord(text, at)
		out = append(out, w)
		at = next
	}
	return out
}

func oneWord(text string, at int) (word, int) {
	r, size := utf8.DecodeRuneInString(text[at:])
	if end, ok := quotes[r]; ok {
		rest := text[at+size:]
		i := strings.IndexFunc(rest, func(r rune) bool { return r == end || r == '"' && end == '”' })
		if i < 0 {
			return word{text: rest, at: at, quoted: true}, len(text)
		}
		_, closing := utf8.DecodeRuneInString(rest[i:])
		return word{text: rest[:i], at: at, quoted: true}, at + size + i + closing
	}
	i := strings.IndexFunc(text[at:], unicode.IsSpace)
	if i < 0 {
		i = len(text) - at
	}
	return word{text: text[at : at+i], at: at}, at + i
}

// rest is the text from the first of words on, as it was written; a single quotation
// loses its quotes.
func rest(text string, words []word) string {
	switch {
	case len(words) == 0:
		return ""
	case len(words) == 1:
		return strings.TrimSpace(words[0].text)
	}
	return strings.TrimSpace(text[words[0].at:])
}

// alertNumber reads 12 and #12.
func alertNumber(s string) (core.AlertID, bool) {
	s = strings.TrimPrefix(s, "#")
	if s == "" || len(s) > 18 || strings.TrimLeft(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return core.AlertID(n), err == nil && n > 0
}

// leadingNumbers takes the alert numbers that words begin with ("12 13", "#12,13"), at
// most max, each once.
func leadingNumbers(words []word, max int) (ids []core.AlertID, left []word) {
	for len(words) > 0 && !words[0].quoted && len(ids) < max {
		some, ok := numbersIn(words[0].text)
		if !ok || len(ids)+len(some) > max {
			break
		}
		for _, id := range some {
			ids = appendNew(ids, id)
		}
		words = words[1:]
	}
	return ids, words
}

func numbersIn(s string) ([]core.AlertID, bool) {
	var out []core.AlertID
	for part := range strings.SplitSeq(strings.TrimSuffix(s, ","), ",") {
		id, ok := alertNumber(part)
		if !ok {
			return nil, false
		}
		out = append(out, id)
	}
	return out, len(out) > 0
}

func appendNew[T comparable](list []T, x T) []T {
	for _, have := range list {
		if have == x {
			return list
		}
	}
	return append(list, x)
}

// splitAction takes a button apart: verb:id or verb:id:more.
func splitAction(action string) (verb, id, more string) {
	verb, rest, _ := strings.Cut(action, ":")
	id, more, _ = strings.Cut(rest, ":")
	return verb, id, more
}

// join is the words as text again, quotations without their quotes.
func join(words []word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}
