package normalize

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Event reads an event in our own words: eventType, summary, alertKey and the rest of the
// event API, with the names of its first version (incidentKey). A missing or unknown
// type, an ALERT without summary, and a type or summary that is no text are refused; any
// other member that cannot be used is dropped and named in Remarks, since a page must
// not be lost for an optional field.
func Event(r Raw) ([]core.Event, error) {
	v, text, err := read(r)
	switch {
	case err != nil:
		return nil, err
	case text != "" || !v.IsObject():
		return nil, refuse("The body is not an event.", `Send a JSON object such as {"eventType":"ALERT","summary":"disk full on db-3"}.`)
	}
	return event(v)
}

func event(v Value) ([]core.Event, error) {
	var e core.Event
	if err := eventType(&e, v); err != nil {
		return nil, err
	}
	if err := eventSummary(&e, v); err != nil {
		return nil, err
	}
	e.Key = strings.TrimSpace(optional(&e, v, "alertKey", "incidentKey"))
	e.RoutingKey = optional(&e, v, "routingKey")
	eventUrgency(&e, v)
	eventLinks(&e, v.Get("links"))
	eventImages(&e, v.Get("images"))
	eventLabels(&e, v.Get("labels"))
	eventComments(&e, v.Get("comments"))
	e.Custom = v.Get("customDetails").payload()
	return []core.Event{finish(e)}, nil
}

func eventType(e *core.Event, v Value) error {
	t := v.Get("eventType")
	const do = "Send eventType as one of ALERT, ACCEPT, RESOLVE, COMMENT."
	switch {
	case !t.There():
		return refuse("The event has no eventType.", do)
	case !t.IsString():
		return refuse("eventType is not a text.", do)
	}
	got, err := core.ParseEventType(t.Text())
	if err != nil || got == 0 {
		return refuse(fmt.Sprintf("eventType %q is not known.", core.Line(t.Text(), 40)), do)
	}
	e.Type = got
	return nil
}

func eventSummary(e *core.Event, v Value) error {
	s := v.Get("summary")
	if s.There() && !s.IsString() {
		return refuse("summary is not a text.", "Send summary as a JSON string of one line.")
	}
	if e.Type == core.EventAlert && !s.There() {
		return refuse("The ALERT has no summary.", "Add summary: one line that says what is wrong.")
	}
	details(e, optional(e, v, "details"))
	summary(e, s.Text())
	if e.Type == core.EventAlert && e.Summary == "" {
		e.Remarks = append(e.Remarks, "summary: was empty")
		summary(e, e.Details, noSummary)
	}
	return nil
}

// optional is the text of the first member that has one. A number is as good as its
// digits; anything else is dropped with a remark.
func optional(e *core.Event, v Value, names ...string) string {
	for _, name := range names {
		m := v.Get(name)
		if !m.There() {
			continue
		}
		if m.IsString() || m.IsNumber() {
			if t := m.Text(); strings.TrimSpace(t) != "" {
				return t
			}
			continue
		}
		unusable(e, name, "not a text")
	}
	return ""
}

func unusable(e *core.Event, member, why string) {
	e.Remarks = append(e.Remarks, member+": "+why+", dropped")
}

func eventUrgency(e *core.Event, v Value) {
	if p := v.Get("priority"); p.There() {
		got, err := core.ParsePriority(p.Text())
		if err != nil || got == 0 && !p.IsString() {
			unusable(e, "priority", "neither HIGH nor LOW")
		} else {
			e.Priority = got
		}
	}
	if s := v.Get("severity"); s.There() {
		n, err := strconv.Atoi(s.Text())
		if err != nil || !s.IsNumber() || n < 1 || n > 5 {
			unusable(e, "severity", "not a number from 1 to 5")
		} else {
			e.Severity = n
		}
	}
}

func eventLinks(e *core.Event, v Value) {
	if v.There() && !v.IsList() {
		unusable(e, "links", "not a list")
	}
	refused := 0
	for l := range v.Items() {
		href := l.Get("href").Text()
		if l.IsString() {
			href = l.Text()
		}
		if !link(e, href, l.Get("text").Text()) {
			refused++
		}
	}
	if refused > 0 {
		unusable(e, "links", fmt.Sprintf("%d not a plain web address or more than %d", refused, core.MaxLinks))
	}
}

func eventImages(e *core.Event, v Value) {
	if v.There() && !v.IsList() {
		unusable(e, "images", "not a list")
	}
	refused := 0
	for i := range v.Items() {
		if !image(e, i.Get("src").Text(), i.Get("href").Text(), i.Get("alt").Text()) {
			refused++
		}
	}
	if refused > 0 {
		unusable(e, "images", fmt.Sprintf("%d not a plain web address or more than %d", refused, core.MaxLinks))
	}
}

// image adds a picture by its address, which is shown and never fetched.
func image(e *core.Event, src, href, alt string) bool {
	src, ok := webAddress(src)
	if !ok || len(e.Images) >= core.MaxLinks {
		return false
	}
	href, _ = webAddress(href)
	e.Images = append(e.Images, core.Image{Src: src, Href: href, Alt: core.Line(alt, 80)})
	return true
}

func eventLabels(e *core.Event, v Value) {
	if v.There() && !v.IsObject() {
		unusable(e, "labels", "not an object")
	}
	labels(e, v)
}

func eventComments(e *core.Event, v Value) {
	if v.There() && !v.IsList() {
		unusable(e, "comments", "not a list")
	}
	for c := range v.Items() {
		if text := strings.TrimSpace(c.Get("content").Text()); text != "" && len(e.Comments) < core.MaxComments {
			e.Comments = append(e.Comments, core.EventNote{Creator: core.Line(c.Get("creator").Text(), 80), Content: text})
			continue
		}
		unusable(e, "comments", "one without content or too many")
	}
	if e.Type != core.EventComment || len(e.Comments) > 0 {
		return
	}
	for _, text := range []string{e.Details, e.Summary} {
		if text != "" {
			e.Comments = []core.EventNote{{Content: text}}
			return
		}
	}
}

// finish is the last step of every normaliser: how urgent something is, is asked of
// alerts only.
func finish(e core.Event) core.Event {
	if e.Type != core.EventAlert {
		e.Priority, e.Severity = 0, 0
	}
	if e.Type == core.EventAlert && e.Summary == "" {
		summary(&e, e.Details, noSummary)
	}
	return e
}
