package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core/config"
)

// A page is a file of the documentation, taken apart. Blocks of code are told from text
// by their fence or their indentation, and their language says what they are: yaml is a
// configuration of ours that must be whole and right, yml is somebody else's file.
type page struct {
	name   string // README.md, docs/chat.md
	text   []line // what is not in a block
	blocks []block
}

type line struct {
	number int
	text   string
}

type block struct {
	language string // "" for indented ones
	lines    []line
}

const root = "../.."

func pages(t *testing.T) []page {
	t.Helper()
	files, err := filepath.Glob(root + "/docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []page
	for _, f := range append(files, root+"/README.md") {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		name, err := filepath.Rel(root, f)
		require.NoError(t, err)
		all = append(all, parsePage(filepath.ToSlash(name), string(b)))
	}
	return all
}

func parsePage(name, text string) page {
	p := page{name: name}
	fenced, blank := false, true
	for i, s := range strings.Split(text, "\n") {
		l := line{i + 1, s}
		language, fence := strings.CutPrefix(s, "```")
		switch {
		case fence && !fenced:
			p.blocks = append(p.blocks, block{language: strings.TrimSpace(language)})
			fenced = true
		case fence:
			fenced = false
		case fenced:
			p.blocks[len(p.blocks)-1].lines = append(p.blocks[len(p.blocks)-1].lines, l)
		case blank && strings.HasPrefix(s, "    "):
			p.blocks = append(p.blocks, block{lines: []line{l}})
			continue // the next line may go on with it
		default:
			p.text = append(p.text, l)
		}
		blank = strings.TrimSpace(s) == ""
	}
	return p
}

func TestDocumentedConfigurationIsRight(t *testing.T) {
	found := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.language != "yaml" {
				continue
			}
			found++
			var text strings.Builder
			text.WriteString(strings.Repeat("\n", b.lines[0].number-1)) // so that problems name the page's lines
			for _, l := range b.lines {
				text.WriteString(l.text + "\n")
			}
			set, problems := parseFiles([]config.File{{Name: p.name, Data: []byte(text.String())}}, nil)
			require.Empty(t, problems)
			require.Empty(t, set.Warnings)
		}
	}
	require.GreaterOrEqual(t, found, 2, "README.md and docs/configuration.md have one each")
}

// inline is a command in the middle of a sentence.
var inline = regexp.MustCompile("`(watchbell [^`]+)`")

func TestDocumentedCommandsParse(t *testing.T) {
	found := 0
	check := func(p page, l line, command string) {
		found++
		args := shellWords(command)
		var c cli
		parser, err := kong.New(&c, kong.Exit(func(int) {}), kong.Writers(&strings.Builder{}, &strings.Builder{}))
		require.NoError(t, err)
		_, err = parser.Parse(args[1:])
		require.NoError(t, err, "%s:%d: %s", p.name, l.number, command)
	}
	for _, p := range pages(t) {
		for _, l := range p.text {
			for _, m := range inline.FindAllStringSubmatch(l.text, -1) {
				check(p, l, m[1])
			}
		}
		for _, b := range p.blocks {
			for _, l := range b.lines {
				if command, ok := commandIn(l.text); ok {
					check(p, l, command)
				}
			}
		}
	}
	require.Greater(t, found, 20)
}

// commandIn is the call of the program in a line of a block: alone, behind a prompt or an
// assignment, within $(…), or run from the sources.
func commandIn(text string) (string, bool) {
	text = strings.ReplaceAll(text, "go run ./cmd/watchbell ", "watchbell ")
	for _, before := range []string{"", "$ ", "$(", "&& "} {
		if i := strings.Index(text, before+"watchbell "); i >= 0 && (before != "" || strings.TrimSpace(text[:i]) == "") {
			command, _, _ := strings.Cut(text[i+len(before):], ")")
			return command, true
		}
	}
	return "", false
}

// shellWords splits a simple command as a shell does, up to a comment, a pipe or a
// redirection.
func shellWords(command string) []string {
	var words []string
	for _, w := range strings.Fields(command) {
		if strings.ContainsAny(w[:1], "#|>&;") || strings.HasPrefix(w, "2>") {
			break
		}
		words = append(words, strings.Trim(w, `"'`))
	}
	return words
}

// link is [text](target), pictures included.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestDocumentedLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	for _, p := range all {
		for _, l := range p.text {
			for _, m := range link.FindAllStringSubmatch(l.text, -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				target, anchor, _ := strings.Cut(m[1], "#")
				file := p.name
				if target != "" {
					file = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), target))
				}
				_, err := os.Stat(filepath.Join(root, file))
				require.NoError(t, err, "%s:%d: %s", p.name, l.number, m[1])
				if anchor != "" {
					i := slices.IndexFunc(all, func(q page) bool { return q.name == file })
					require.GreaterOrEqual(t, i, 0, "%s:%d: %s is no page with anchors", p.name, l.number, file)
					require.Contains(t, anchors(all[i]), anchor, "%s:%d: %s", p.name, l.number, m[1])
				}
			}
		}
	}
}

// anchors are the headings of a page as addresses name them.
func anchors(p page) []string {
	var all []string
	for _, l := range p.text {
		heading := strings.TrimLeft(l.text, "#")
		if heading == l.text || !strings.HasPrefix(heading, " ") {
			continue
		}
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading)))
	}
	return all
}

// TestDocumentsNameWhatThereIs keeps the tables whole: every command that people type,
// every variable and every metric has its line.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		return string(b)
	}
	chat := strings.ReplaceAll(read("docs/chat.md"), `\|`, "|")
	for _, c := range bot.Commands() {
		require.True(t, strings.Contains(chat, "`"+c.Typed+"`"), "docs/chat.md lacks %s", c.Typed)
		for _, also := range c.Also {
			require.True(t, strings.Contains(chat, "`"+also+"`"), "docs/chat.md lacks %s, another word for %s", also, c.Typed)
		}
	}
	configuration := read("docs/configuration.md")
	parser, err := kong.New(&cli{})
	require.NoError(t, err)
	for _, command := range parser.Model.Leaves(false) {
		for _, group := range command.AllFlags(false) {
			for _, f := range group {
				if v := f.Tag.Get("var"); v != "" {
					require.True(t, strings.Contains(configuration, "`"+v+"`"), "docs/configuration.md lacks %s", v)
					require.True(t, strings.Contains(configuration, "`--"+f.Name+"`"), "docs/configuration.md lacks --%s", f.Name)
				}
			}
		}
	}
	operation := read("docs/operation.md")
	for _, name := range regexp.MustCompile(`"(watchbell_[a-z_]+)"`).FindAllStringSubmatch(read("cmd/watchbell/metrics.go"), -1) {
		require.True(t, strings.Contains(operation, "`"+name[1]), "docs/operation.md lacks %s", name[1])
	}
}

func TestReadmeFitsOnAFewScreens(t *testing.T) {
	b, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(b), "\n"), 120)
}
