package cmd_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// vague are words that say nothing about what a thing does: in no name.
var vague = []string{"manager", "helper", "helpers", "processor", "service", "services", "util", "utils", "common", "base"}

// taken are words for things that have another name here: an alert, a conversation, a
// beat. Adapters speak their platform's language too, so they and the contract with them
// are left out.
var taken = []string{"incident", "incidents", "ticket", "tickets", "channel", "channels", "ping", "pings"}

// borrowed are names that others gave.
var borrowed = []string{
	"store.Ping",        // database/sql's
	"store.hintChannel", // PostgreSQL's
}

// TestNamesUseOurWords looks at what packages, files, declarations, fields and parameters
// are called, tests aside.
func TestNamesUseOurWords(t *testing.T) {
	for _, f := range files(t) {
		if f.test {
			continue
		}
		words := slices.Clone(vague)
		if layer(f.dir) < layer("bot") {
			words = append(words, taken...)
		}
		for name, node := range declared(f) {
			if slices.Contains(borrowed, f.ast.Name.Name+"."+name) {
				continue
			}
			for _, part := range parts(name) {
				if slices.Contains(words, part) {
					t.Errorf("%s: %q says %q", f.at(node), name, part)
				}
			}
		}
	}
}

func TestNamesAreTakenApart(t *testing.T) {
	for name, want := range map[string][]string{
		"PingURLs":     {"ping", "ur", "ls"},
		"HTTPService":  {"http", "service"},
		"jobs_util":    {"jobs", "util"},
		"database":     {"database"},
		"keyBase64":    {"key", "base"},
		"mailManager2": {"mail", "manager"},
	} {
		require.Equal(t, want, parts(name), name)
	}
}

// declared are the names that f gives: package, file, declarations, methods, fields and
// parameters. Local variables are nobody else's business, and the fields of an adapter are
// often named by another program's bodies.
func declared(f file) map[string]ast.Node {
	all := map[string]ast.Node{f.ast.Name.Name: f.ast.Name}
	name := f.path[strings.LastIndex(f.path, "/")+1:]
	all[strings.TrimSuffix(name, ".go")] = f.ast.Name
	for _, d := range f.ast.Decls {
		declare(all, d)
	}
	if layer(f.dir) >= layer("adapters") {
		return all
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok {
			for _, id := range field.Names {
				all[id.Name] = id
			}
		}
		return true
	})
	return all
}

func declare(all map[string]ast.Node, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		all[d.Name.Name] = d.Name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				all[s.Name.Name] = s.Name
			case *ast.ValueSpec:
				for _, id := range s.Names {
					all[id.Name] = id
				}
			}
		}
	}
}

// parts are the words of a name in lower case, digits dropped. Capitals that stand
// together are one word, but the last one if a small letter follows it.
func parts(name string) []string {
	var all []string
	word := ""
	end := func() {
		if word != "" {
			all = append(all, strings.ToLower(word))
		}
		word = ""
	}
	letters := []rune(strings.TrimFunc(name, func(r rune) bool { return !token.IsIdentifier(string(r)) }))
	for i, r := range letters {
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && unicode.IsLower(letters[i-1]),
			unicode.IsUpper(r) && i > 0 && unicode.IsUpper(letters[i-1]) && i+1 < len(letters) && unicode.IsLower(letters[i+1]):
			end()
		}
		word += string(r)
	}
	end()
	return all
}
