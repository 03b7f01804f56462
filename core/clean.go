package core

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Placeholder stands for a summary of which nothing readable is left.
const Placeholder = "(no summary)"

// What an event may carry. More is cut or left out, and Remarks say so.
const (
	MaxSummary  = 240
	MaxDetails  = 16 << 10
	MaxKey      = 512 // longer keys keep a beginning and a hash of the whole
	MaxLabels   = 256
	MaxLabel    = 128 // of a label's name
	MaxValue    = 1024
	MaxLinks    = 10
	MaxHref     = 2048
	MaxComments = 50
	MaxComment  = 4096
	maxRemarks  = 20
	maxText     = 120 // of a link's or image's text, a creator's name
)

// Clean makes an event fit to be stored and shown: valid text in which nothing hides or
// reorders, one readable summary line, links that are http or https. It never refuses:
// what cannot be used is mended or dropped and named in Remarks. Clean on a clean event
// changes nothing.
func Clean(e *Event) {
	m := mender{e: e}
	remarks := e.Remarks
	e.Remarks = nil
	for _, r := range remarks {
		m.remark(Line(r, MaxValue))
	}
	m.key()
	m.texts()
	m.numbers()
	m.references()
	m.labels()
	m.comments()
	if len(e.Custom) > 0 && !json.Valid(e.Custom) {
		e.Custom = nil
		m.remark("customDetails is not valid JSON and was dropped")
	}
}

type mender struct{ e *Event }

// remark notes once what was done; a flood of them says nothing more.
func (m mender) remark(text string) {
	if text != "" && len(m.e.Remarks) < maxRemarks && !slices.Contains(m.e.Remarks, text) {
		m.e.Remarks = append(m.e.Remarks, text)
	}
}

// line is one line of text, remarked upon if it had to be mended or cut.
func (m mender) line(name, text string, max int) string {
	cleaned, mended := clean(text, false)
	return m.shorten(name, cleaned, mended, max)
}

func (m mender) shorten(name, text string, mended bool, max int) string {
	if mended {
		m.remark(name + " had characters that cannot be shown; they were replaced")
	}
	short := cut(text, max)
	if short != text {
		m.remark(fmt.Sprintf("%s was cut at %d characters", name, max))
	}
	return short
}

// key keeps a key apart from all others whatever its length. Only what no database can
// store is replaced.
func (m mender) key() {
	key := strings.TrimSpace(m.e.Key)
	stored := strings.ReplaceAll(strings.ToValidUTF8(key, "\uFFFD"), "\x00", "\uFFFD")
	if stored != key {
		m.remark("alertKey had characters that cannot be stored; they were replaced")
	}
	if utf8.RuneCountInString(stored) > MaxKey {
		sum := sha256.Sum256([]byte(FoldKey(key)))
		stored = strings.TrimSpace(string([]rune(stored)[:200])) + Ellipsis + hex.EncodeToString(sum[:])
		m.remark("alertKey was shortened; a hash of the whole stands at its end")
	}
	m.e.Key = stored
}

func (m mender) texts() {
	e := m.e
	e.Summary = m.line("summary", e.Summary, MaxSummary)
	if e.Type == EventAlert && !readable(e.Summary) {
		if e.Summary != Placeholder {
			m.remark("summary had nothing to read")
		}
		e.Summary = Placeholder
	}
	details, mended := clean(e.Details, true)
	e.Details = m.shorten("details", details, mended, MaxDetails)
	e.RoutingKey = m.line("routingKey", e.RoutingKey, MaxHref)
}

// readable tells whether anything of the text leaves ink.
func readable(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && r != unicode.ReplacementChar && !blank(r)
	})
}

// blank are letters and symbols that show nothing.
func blank(r rune) bool {
	return r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0' || r == '\u2800'
}

func (m mender) numbers() {
	if m.e.Severity < 0 || m.e.Severity > 5 {
		m.e.Severity = 0
		m.remark("severity is not 1 to 5 and was dropped")
	}
	if m.e.Priority != Low && m.e.Priority != High && m.e.Priority != 0 {
		m.e.Priority = 0
		m.remark("priority is neither HIGH nor LOW and was dropped")
	}
}

func (m mender) references() {
	e := m.e
	links := e.Links
	e.Links = nil
	for _, l := range links {
		l.Href = m.href("links", l.Href)
		if l.Href == "" || !m.room("links", len(e.Links), MaxLinks) {
			continue
		}
		l.Text = m.line("links", l.Text, maxText)
		if !readable(l.Text) {
			l.Text = host(l.Href)
		}
		e.Links = append(e.Links, l)
	}
	images := e.Images
	e.Images = nil
	for _, i := range images {
		i.Src = m.href("images", i.Src)
		if i.Src == "" || !m.room("images", len(e.Images), MaxLinks) {
			continue
		}
		if i.Href != "" {
			i.Href = m.href("images", i.Href)
		}
		i.Alt = m.line("images", i.Alt, maxText)
		e.Images = append(e.Images, i)
	}
}

// room tells whether one more may be kept.
func (m mender) room(name string, have, max int) bool {
	if have < max {
		return true
	}
	m.remark(fmt.Sprintf("%s: only the first %d are kept", name, max))
	return false
}

// href is an address that may be shown as a link: http or https with a host, without a
// user's part that would pass for one. Empty if it is none.
func (m mender) href(name, address string) string {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	switch {
	case err != nil, len(address) > MaxHref, !utf8.ValidString(address),
		strings.ContainsFunc(address, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || reorders(r) }):
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.User != nil:
	default:
		return address
	}
	m.remark(name + ": an address that is not a plain http or https one was dropped")
	return ""
}

func host(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	return cut(u.Host, maxText)
}

// labels keeps the first by name, so that the same event gives the same labels.
func (m mender) labels() {
	if len(m.e.Labels) == 0 {
		return
	}
	kept := make(map[string]string, min(len(m.e.Labels), MaxLabels))
	for _, name := range slices.Sorted(maps.Keys(m.e.Labels)) {
		if !m.room("labels", len(kept), MaxLabels) {
			break
		}
		short := m.line("labels", name, MaxLabel)
		if short == "" {
			m.remark("labels: one without a name was dropped")
			continue
		}
		if _, twice := kept[short]; twice {
			m.remark("labels: two had the same name; the first is kept")
			continue
		}
		value, mended := clean(m.e.Labels[name], true)
		kept[short] = m.shorten("labels", value, mended, MaxValue)
	}
	m.e.Labels = kept
}

func (m mender) comments() {
	notes := m.e.Comments
	m.e.Comments = nil
	for _, n := range notes {
		content, mended := clean(n.Content, true)
		if content == "" {
			continue
		}
		if !m.room("comments", len(m.e.Comments), MaxComments) {
			return
		}
		m.e.Comments = append(m.e.Comments, EventNote{
			Creator: m.line("comments", n.Creator, maxText),
			Content: m.shorten("comments", content, mended, MaxComment),
		})
	}
}
