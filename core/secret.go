package core

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not be seen: printed, logged or encoded it is only dots. The
// zero Secret is "not given" and prints as nothing.
type Secret string

const hidden = "•••"

// Reveal is the text itself. It is called only where the value leaves for its service.
func (s Secret) Reveal() string { return string(s) }

// String hides the text.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format hides the text from every verb, %q and %#v too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText hides the text from JSON and every other text encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text as it is, so that a secret can be read from a file.
func (s *Secret) UnmarshalText(b []byte) error { *s = Secret(b); return nil }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
