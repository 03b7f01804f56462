package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/watchbell/watchbell/"

// layers is the one order of imports: a package imports what stands to its left, and
// belongs to the longest name here that its folder begins with.
var layers = []string{
	"core", "schedules", "core/config", "migrations", "store", "core/engine", "bot", "adapters", "cmd",
}

// file is one Go file of this module.
type file struct {
	path  string // relative to the module, with slashes
	dir   string
	test  bool
	lines int
	set   *token.FileSet
	ast   *ast.File
}

func (f file) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path, f.set.Position(n.Pos()).Line)
}

// imports are the paths of f's imports with the nodes that name them.
func (f file) imports() map[string]ast.Node {
	all := make(map[string]ast.Node, len(f.ast.Imports))
	for _, spec := range f.ast.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		all[name] = spec
	}
	return all
}

func files(t *testing.T) []file {
	t.Helper()
	all, err := tree()
	require.NoError(t, err)
	require.Greater(t, len(all), 30, "the walk begins in the wrong place")
	return all
}

// tree is every Go file of the module, read once for all tests.
var tree = sync.OnceValues(func() (all []file, err error) {
	err = filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != ".." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		f, err := parse(name)
		all = append(all, f)
		return err
	})
	return all, err
})

func parse(name string) (file, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return file{}, err
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	rel := strings.TrimPrefix(filepath.ToSlash(name), "../")
	return file{
		path: rel, dir: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"),
		lines: strings.Count(string(text), "\n"), set: set, ast: parsed,
	}, err
}

// layer is where a folder stands in layers; -1 if nowhere.
func layer(dir string) int {
	best := -1
	for i, name := range layers {
		if (dir == name || strings.HasPrefix(dir, name+"/")) && (best < 0 || len(name) > len(layers[best])) {
			best = i
		}
	}
	return best
}

// forbidden says why dir must not import other (both folders of this module); "" if it may.
func forbidden(dir, other string, test bool) string {
	from, to := layer(dir), layer(other)
	switch {
	case from < 0 || to < 0:
		return "stands nowhere in the order of imports"
	case to > from:
		return fmt.Sprintf("%s stands right of %s", layers[to], layers[from])
	case !test && strings.HasSuffix(other, "test") && !strings.Contains(dir, "test"):
		return "is for tests only"
	case layers[from] == "adapters" && layers[to] == "adapters" && dir != "adapters" &&
		other != "adapters/adaptertest" && adapter(dir) != adapter(other):
		return "is another adapter"
	}
	return ""
}

// adapter is the first folder below adapters.
func adapter(dir string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(dir, "adapters/"), "/")
	return name
}

func TestImportsGoLeft(t *testing.T) {
	for _, f := range files(t) {
		for name, node := range f.imports() {
			other, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			if why := forbidden(f.dir, other, f.test); why != "" {
				t.Errorf("%s: %s imports %s, which %s", f.at(node), f.dir, other, why)
			}
		}
	}
}

func TestOrderOfImportsIsJudged(t *testing.T) {
	for _, c := range []struct {
		dir, other string
		test, may  bool
	}{
		{"schedules", "core", false, true},
		{"core", "schedules", true, false},
		{"core", "core/engine", false, false},
		{"core/config", "schedules", false, true},
		{"schedules", "core/config", false, false},
		{"core/engine", "store", false, true},
		{"store", "core/engine", true, false},
		{"core/engine", "store/storetest", true, true},
		{"core/engine", "store/storetest", false, false},
		{"bot/simtest", "store/storetest", false, true},
		{"bot", "adapters/chat", false, false},
		{"adapters", "adapters/chat", false, true},
		{"adapters/chat", "adapters/other", false, false},
		{"adapters/chat/wire", "adapters/chat", false, true},
		{"adapters/chat", "adapters/adaptertest", true, true},
		{"cmd/watchbell", "adapters/chat", false, true},
		{"tools", "core", false, false},
	} {
		require.Equal(t, c.may, forbidden(c.dir, c.other, c.test) == "", "%+v", c)
	}
}

// TestPurePackagesAskNobody keeps clocks, logs and I/O out of core and schedules.
func TestPurePackagesAskNobody(t *testing.T) {
	imports := []string{"context", "log", "os", "os/exec", "net", "net/http", "database/sql", "syscall", "math/rand", "math/rand/v2"}
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
	values := []string{"Value", "StringValue", "LogValuer"} // how a secret hides from logs
	for _, f := range files(t) {
		if f.test || (f.dir != "core" && f.dir != "schedules") {
			continue
		}
		for name, node := range f.imports() {
			if slices.Contains(imports, name) {
				t.Errorf("%s: a pure package imports %s", f.at(node), name)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a pure package starts a goroutine", f.at(n))
			}
			of, name := selector(n)
			if of == "time" && slices.Contains(clock, name) || of == "slog" && !slices.Contains(values, name) {
				t.Errorf("%s: a pure package uses %s.%s", f.at(n), of, name)
			}
			return true
		})
	}
}

// TestNobodySleeps: waiting is a timer and a context; sleeping is for test bubbles.
func TestNobodySleeps(t *testing.T) {
	for _, f := range files(t) {
		if _, bubble := f.imports()["testing/synctest"]; f.test && bubble {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if of, name := selector(n); of == "time" && name == "Sleep" {
				t.Errorf("%s: time.Sleep", f.at(n))
			}
			return true
		})
	}
}

// selector takes of.Name apart; empty for any other node.
func selector(n ast.Node) (of, name string) {
	if s, ok := n.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name, s.Sel.Name
		}
	}
	return "", ""
}

func TestFilesStayShort(t *testing.T) {
	for _, f := range files(t) {
		if f.lines > 600 {
			t.Errorf("%s has %d lines; 600 is the most: look for the second subject", f.path, f.lines)
		}
	}
}

// TestPlatformsAreNamedByAdaptersOnly looks at what the program says and calls itself;
// comments may give examples.
func TestPlatformsAreNamedByAdaptersOnly(t *testing.T) {
	platforms := []string{"slack", "discord", "mattermost", "msteams", "webchat", "ntfy"}
	for _, f := range files(t) {
		if f.test || strings.Contains(f.dir, "test") || layer(f.dir) >= layer("adapters") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			for _, p := range platforms {
				if strings.Contains(said(n), p) {
					t.Errorf("%s: %s is named outside its adapter", f.at(n), p)
				}
			}
			return true
		})
	}
}

// said is the text of a name in small letters, or of a string as it is: in capitals it is
// a monitor's type, among 150 others.
func said(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return strings.ToLower(n.Name)
	case *ast.BasicLit:
		return n.Value
	}
	return ""
}
