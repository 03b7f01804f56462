package core

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ellipsis ends text that was cut.
const Ellipsis = "…"

// Line is text made safe to stand in one line: control characters are spaces, what
// reorders text is gone, runs of spaces are one, and no more than max characters stay.
// It cuts at a word if there is one near the end, never inside a character.
func Line(text string, max int) string {
	text, _ = clean(text, false)
	return cut(text, max)
}

// cut shortens text to max runes, the ellipsis included.
func cut(text string, max int) string {
	if len(text) <= max {
		return text
	}
	runes := []rune(text)
	if len(runes) <= max {
		return text
	}
	end := border(runes, max-1)
	for i := end; i > end/2; i-- {
		if unicode.IsSpace(runes[i]) {
			end = i
			break
		}
	}
	return strings.TrimRightFunc(string(runes[:end]), unicode.IsSpace) + Ellipsis
}

// border moves a cut to the left until it does not stand inside a visible character: a
// letter with its marks, a joined emoji, a flag.
func border(runes []rune, at int) int {
	for at > 0 && (extends(runes[at]) || runes[at-1] == zwj) {
		at--
	}
	flags := 0
	for at-flags > 0 && isFlag(runes[at-flags-1]) {
		flags++
	}
	if flags%2 == 1 && isFlag(runes[at]) {
		at--
	}
	return at
}

const zwj = '\u200D'

func extends(r rune) bool {
	return r == zwj || unicode.In(r, unicode.Mn, unicode.Me, unicode.Variation_Selector) || 0x1F3FB <= r && r <= 0x1F3FF
}

func isFlag(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }

// maxMarks is how many combining marks one letter may carry; no script needs more.
const maxMarks = 8

// clean makes text valid and inert. Lines and tabs are kept if multiline, else every run
// of white space is one space. mended tells whether anything else than space changed.
func clean(text string, multiline bool) (cleaned string, mended bool) {
	var b strings.Builder
	b.Grow(len(text))
	marks := 0
	mended = !utf8.ValidString(text)
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		keep, changed := neutral(r, multiline)
		mended = mended || changed
		if keep < 0 {
			continue
		}
		if unicode.In(keep, unicode.Mn, unicode.Me) {
			if marks++; marks > maxMarks {
				mended = true
				continue
			}
		} else {
			marks = 0
		}
		b.WriteRune(keep)
	}
	if multiline {
		return strings.TrimRightFunc(strings.TrimLeft(b.String(), "\n"), unicode.IsSpace), mended
	}
	return strings.Join(strings.Fields(b.String()), " "), mended
}

// neutral is what stands for a rune: itself, a space, U+FFFD, or nothing (-1).
func neutral(r rune, multiline bool) (rune, bool) {
	switch {
	case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085':
		if !multiline {
			return ' ', false
		}
		if r == '\t' {
			return r, false
		}
		return '\n', r != '\n'
	case r == 0, r == unicode.ReplacementChar, r&0xFFFE == 0xFFFE, 0xFDD0 <= r && r <= 0xFDEF:
		return unicode.ReplacementChar, r != unicode.ReplacementChar
	case unicode.IsControl(r):
		return ' ', true
	case reorders(r), r == '\uFEFF', 0xE0000 <= r && r <= 0xE007F:
		return -1, true
	}
	return r, false
}

// reorders tells whether a rune changes the direction of what follows, so that a reader
// sees another text than is there.
func reorders(r rune) bool {
	return 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 || r == '\u061C' || r == '\u200E' || r == '\u200F'
}
