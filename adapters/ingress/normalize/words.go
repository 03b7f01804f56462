package normalize

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// noSummary stands where a sender gave nothing to say.
const noSummary = core.Placeholder

// urgency is how our words see a tool's word: a priority, and a severity where the word
// names one of the five. Words that say nothing leave it to the source.
func urgency(word string) (core.Priority, int) {
	word = strings.ToLower(strings.TrimSpace(word))
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(word) {
	case "sev1", "severity1":
		return core.High, 1
	case "sev2", "severity2":
		return core.High, 2
	case "sev3", "severity3":
		return core.Low, 3
	case "sev4", "severity4":
		return core.Low, 4
	case "sev5", "severity5":
		return core.Low, 5
	case "critical", "crit", "fatal", "emergency", "emerg", "disaster", "severe", "error", "err",
		"high", "highest", "urgent", "page", "major", "down", "p1", "p2":
		return core.High, 0
	case "warning", "warn", "info", "information", "informational", "notice", "debug",
		"minor", "low", "lowest", "p3", "p4", "p5":
		return core.Low, 0
	}
	return 0, 0
}

// rate gives an alert the first urgency that one of the words names.
func rate(e *core.Event, words ...string) {
	for _, w := range words {
		if p, s := urgency(w); p != 0 {
			e.Priority, e.Severity = p, s
			return
		}
	}
}

// summary makes the one line that stands for an event out of the first text that has
// one. What does not fit is kept in the details, if these would be empty.
func summary(e *core.Event, texts ...string) {
	for _, t := range texts {
		line := firstLine(t)
		if line == "" {
			continue
		}
		e.Summary = core.Line(line, core.MaxSummary)
		if e.Details == "" && strings.TrimSpace(t) != e.Summary && len(t) > len(e.Summary) {
			details(e, t)
		}
		return
	}
}

// firstLine is the first line of a text that is not blank.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if core.Line(line, core.MaxSummary) != "" {
			return line
		}
	}
	return ""
}

// details takes a longer text, unless it only repeats the summary.
func details(e *core.Event, text string) {
	text = strings.TrimSpace(text)
	if text != "" && text != e.Summary {
		e.Details = text
	}
}

// label keeps a fact of the tool beside the alert.
func label(e *core.Event, name, text string) {
	if name = strings.TrimSpace(name); name == "" || text == "" || secret(name) {
		return
	}
	if e.Labels == nil {
		e.Labels = map[string]string{}
	}
	if _, there := e.Labels[name]; !there && len(e.Labels) >= core.MaxLabels {
		return
	}
	e.Labels[name] = text
}

// labels keeps all members of an object; what is not plain text is kept as JSON.
func labels(e *core.Event, v Value) {
	left := 0
	for name, value := range v.Members() {
		if len(e.Labels) >= core.MaxLabels {
			left++
			continue
		}
		label(e, name, value.Show())
	}
	if left > 0 {
		e.Remarks = append(e.Remarks, fmt.Sprintf("labels: only the first %d are kept", core.MaxLabels))
	}
}

// link adds a reference, unless it is no address, is there already, or is one too many.
func link(e *core.Event, href, text string) bool {
	href, ok := webAddress(href)
	if !ok || len(e.Links) >= core.MaxLinks {
		return false
	}
	for _, l := range e.Links {
		if l.Href == href {
			return true
		}
	}
	e.Links = append(e.Links, core.Link{Href: href, Text: core.Line(text, 80)})
	return true
}

// webAddress lets only plain http and https addresses pass. A user name in front of the
// host ("https://good@evil") hides where a link leads.
func webAddress(href string) (string, bool) {
	href = strings.TrimSpace(href)
	if len(href) > core.MaxHref {
		return "", false
	}
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	return href, true
}
