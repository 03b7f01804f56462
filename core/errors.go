package core

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what an error means to whoever asked. The zero kind is our own fault.
type Kind int

const (
	Internal    Kind = iota // our fault, or unknown
	Invalid                 // can never work
	NotFound                // not there, or not yours to see
	Denied                  // known, not allowed
	Conflict                // wrong state, or a race was lost
	Unavailable             // try later
)

func (k Kind) String() string {
	names := [...]string{"internal", "invalid", "not found", "denied", "conflict", "unavailable"}
	if k < 0 || int(k) >= len(names) {
		return names[Internal]
	}
	return names[k]
}

// Error is an error with a kind and a sentence that a person may read.
type Error struct {
	Kind Kind
	Text string // what happened, and why
	Do   string // what to do next; may be empty
	Code string // the wire's code where a client relies on one, such as KEY_ERROR
	Err  error  // the cause; never shown

	wrapped error // Errorf's: its text is part of Text already
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return strings.TrimSuffix(e.Text, ".") + ": " + e.Err.Error()
}

// Say is what a person reads: what happened and why, then what to do.
func (e *Error) Say() string {
	switch {
	case e.Do == "":
		return e.Text
	case strings.HasSuffix(e.Text, "."), strings.HasSuffix(e.Text, "?"):
		return e.Text + " " + e.Do
	}
	return e.Text + ". " + e.Do
}

func (e *Error) Unwrap() error {
	if e.Err == nil {
		return e.wrapped
	}
	return e.Err
}

// Errorf makes an error of that kind. The text is a sentence a person may read; a
// wrapped cause (%w) is kept for errors.Is.
func Errorf(k Kind, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Text: err.Error(), wrapped: err}
}

// KindOf returns the kind of the first *Error in err's chain, else Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
