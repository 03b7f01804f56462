package normalize

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// maxDepth is how deep a body may be nested. No tool comes near it.
const maxDepth = 64

// check refuses bytes that are not exactly one JSON value, are nested deeper than
// maxDepth, or hold a number that no reader of ours could keep.
func check(b []byte) error {
	if !json.Valid(b) {
		return errors.New("it is not valid JSON" + at(b))
	}
	depth := 0
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '"':
			i = endString(b, i)
			continue
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return errors.New("it is nested deeper than " + strconv.Itoa(maxDepth) + " levels")
			}
		case c == '}' || c == ']':
			depth--
		case c == '-' || '0' <= c && c <= '9':
			end := endScalar(b, i)
			if huge(b[i:end]) {
				return errors.New("it holds a number that is out of range (beyond ±1e308)")
			}
			i = end
			continue
		}
		i++
	}
	return nil
}

// huge tells whether a number is beyond what a float can hold. Short ones without an
// exponent cannot be.
func huge(number []byte) bool {
	if len(number) < 300 && !bytes.ContainsAny(number, "eE") {
		return false
	}
	_, err := strconv.ParseFloat(string(number), 64)
	return err != nil
}

// at says where invalid JSON stops making sense.
func at(b []byte) string {
	var v json.RawMessage
	if e, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(b, &v)); ok {
		return " at byte " + strconv.FormatInt(e.Offset, 10)
	}
	return ""
}

// The functions below walk JSON that check has let pass; they keep no state and allocate
// nothing, so that a body costs no memory beyond its own bytes.

// skipSpace is the index of the next byte that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// endString is the index after the string that starts at i.
func endString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return len(b)
		}
		i += j
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return len(b)
}

// endScalar is the index after the number or word that starts at i.
func endScalar(b []byte, i int) int {
	for ; i < len(b); i++ {
		switch b[i] {
		case ' ', '\n', '\t', '\r', ',', ']', '}':
			return i
		}
	}
	return i
}

// endValue is the index after the value that starts at i.
func endValue(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		return endString(b, i)
	case '{', '[':
		return endNest(b, i)
	}
	return endScalar(b, i)
}

// endNest is the index after the object or list that starts at i.
func endNest(b []byte, i int) int {
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			i = endString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(b)
}
