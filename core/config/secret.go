package config

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/watchbell/watchbell/core"
)

// SecretRef is where a secret is: {env: NAME}, {file: PATH}, or the text itself. A
// platform's adapter has fields of this type in its configuration. The zero value is none.
type SecretRef struct {
	Env, File string
	Text      core.Secret
}

// UnmarshalYAML reads the three forms. The error is core.Invalid and shows no secret.
func (r *SecretRef) UnmarshalYAML(n ast.Node) error {
	switch n := n.(type) {
	case *ast.NullNode:
		*r = SecretRef{}
		return nil
	case *ast.StringNode:
		*r = SecretRef{Text: core.Secret(n.Value)}
		return nil
	case ast.MapNode:
		return r.unmarshalMapping(n)
	}
	return core.Errorf(core.Invalid, "A secret is {env: NAME}, {file: PATH}, or a text in quotes.")
}

func (r *SecretRef) unmarshalMapping(n ast.MapNode) error {
	*r = SecretRef{}
	for entries := n.MapRange(); entries.Next(); {
		key, _ := keyText(entries.Key())
		text, ok := entries.Value().(*ast.StringNode)
		switch {
		case !ok:
			return core.Errorf(core.Invalid, "A secret's %s is a text.", quote(key))
		case key == "env":
			r.Env = text.Value
		case key == "file":
			r.File = text.Value
		default:
			return core.Errorf(core.Invalid, "A secret has no %s; it is {env: NAME} or {file: PATH}.", quote(key))
		}
	}
	if (r.Env == "") == (r.File == "") {
		return core.Errorf(core.Invalid, "A secret is either {env: NAME} or {file: PATH}.")
	}
	return nil
}

// IsZero tells whether there is none.
func (r SecretRef) IsZero() bool { return r == SecretRef{} }

// Inline tells whether the secret itself stands in the file, where everybody who may read
// the file reads it too; worth a warning.
func (r SecretRef) Inline() bool { return r.Text != "" }

// Resolve fetches the secret; "" for none. White space around a file's text is not part of
// it. A secret that is named and not there, or empty, is core.Invalid.
func (r SecretRef) Resolve(getenv func(string) (string, bool), readFile func(string) ([]byte, error)) (core.Secret, error) {
	switch {
	case r.Env != "":
		text, ok := getenv(r.Env)
		if !ok || text == "" {
			return "", core.Errorf(core.Invalid, "The variable %s is not set; set it, or name another in the file.", quote(r.Env))
		}
		return core.Secret(text), nil
	case r.File != "":
		data, err := readFile(r.File)
		if err != nil {
			return "", core.Errorf(core.Invalid, "The secret's file cannot be read: %w", err)
		}
		text := strings.TrimSpace(string(data))
		if text == "" {
			return "", core.Errorf(core.Invalid, "The secret's file %s is empty.", quote(r.File))
		}
		return core.Secret(text), nil
	}
	return r.Text, nil
}
