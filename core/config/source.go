package config

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/watchbell/watchbell/core"
)

const (
	leastKey         = 10 // characters of an integration key
	maxConversations = 100
)

var (
	creationWords = []string{
		string(core.EachEvent), string(core.EachSubject), string(core.OnePending), string(core.OneOpen),
		string(core.ByExtraction), string(core.PerWindow), string(core.BySimilarity),
	}
	priorityWords = []string{
		string(core.AlwaysHigh), string(core.AlwaysLow), string(core.HighInHours), string(core.LowInHours),
	}
	// laterInSource are settings of the API's alert sources that are yet to come.
	laterInSource = []string{
		"eventFilter", "summaryTemplate", "detailsTemplate", "routingTemplate", "alertKeyTemplate", "priorityTemplate",
		"severityTemplate", "linkTemplates", "eventTypeFilterCreate", "eventTypeFilterAccept", "eventTypeFilterResolve",
		"services", "servicesTemplate", "autoCreateServices", "scoreThreshold", "bidirectional", "heartbeat",
		"emailFiltered", "emailPredicates", "filterOperator", "emailResolveFiltered", "emailResolvePredicates",
		"resolveFilterOperator", "resolveKeyExtractor",
	}
)

func (v value) source() {
	o, ok := v.object()
	if !ok {
		return
	}
	s := Source{
		Name:         o.need("name", "prometheus").text(),
		Type:         cmp.Or(o.get("integrationType").integrationType(), DefaultIntegrationType),
		Key:          o.get("integrationKey").integrationKey(),
		Policy:       o.need("escalationPolicy", "payments").refer(Policies, mention),
		AutoResolve:  o.get("autoResolutionTimeout").duration(autoResolve),
		SupportHours: o.get("supportHours").refer(SupportHour, mention),
		Shadow:       o.get("paging").word("live", "shadow") == "shadow",
	}
	o.creation(&s)
	o.priority(&s)
	if f := o.get("severity"); f.present() {
		s.Severity = f.integer(1, 5)
	}
	if f := o.get("active"); f.present() {
		s.Inactive = !f.boolean()
	}
	s.Teams = o.get("teams").referAll(Teams, mention, maxTeams)
	s.Conversations = o.get("conversations").conversations()
	o.later(laterInSource...)
	o.done()
	if v.define(Sources, s.Name) {
		v.set.Sources = append(v.set.Sources, s)
	}
}

func (v value) integrationType() string {
	s, types := v.text(), IntegrationTypes()
	if s != "" && !slices.Contains(types, s) {
		v.problem("There is no integration type %s.%s A tool without a type of its own uses API.", quote(s), DidYouMean(s, types))
		return ""
	}
	return s
}

// integrationKey is taken as it is. It is a secret: no problem shows it.
func (v value) integrationKey() core.Secret {
	if !v.present() {
		return ""
	}
	s, ok := v.raw()
	switch {
	case !ok:
		v.wrong("a text of at least 10 characters in quotes")
		return ""
	case len(s) < leastKey:
		v.problem("The key has %d characters; at least %d are wanted. Leave it out, and one is made.", len(s), leastKey)
		return ""
	case len(s) > maxText:
		v.problem("The key is longer than %d characters.", maxText)
		return ""
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		v.problem("The key has spaces or control characters; it could not stand in an address.")
		return ""
	}
	v.once("integration key", s)
	return core.Secret(s)
}

func (o *object) creation(s *Source) {
	mode, window := o.get("alertCreation"), o.get("alertGroupingWindow")
	s.Creation = core.Creation(cmp.Or(mode.word(creationWords...), string(core.EachEvent)))
	s.Window = window.duration(groupWindow)
	switch {
	case s.Creation == core.BySimilarity:
		mode.problem("%s is %s", s.Creation, notYet)
	case s.Creation == core.PerWindow && !window.present():
		mode.problem("%s needs a window; write alertGroupingWindow: 15m.", s.Creation)
	case s.Creation != core.PerWindow && window.present():
		window.warn("This has an effect only with alertCreation: %s.", core.PerWindow)
	}
}

func (o *object) priority(s *Source) {
	rule, raise := o.get("alertPriorityRule"), o.get("autoRaiseAlerts")
	s.PriorityRule = core.PriorityRule(cmp.Or(rule.word(priorityWords...), string(core.AlwaysHigh)))
	byHours := s.PriorityRule == core.HighInHours || s.PriorityRule == core.LowInHours
	if byHours && !o.get("supportHours").present() {
		rule.problem("%s needs support hours; write supportHours: and their name.", s.PriorityRule)
	}
	if !raise.present() {
		return
	}
	if s.AutoRaise = raise.boolean(); s.AutoRaise && !byHours {
		raise.warn("This has an effect only with a priority rule that depends on support hours.")
	}
}

// conversations are texts such as "PLATFORM:NAME", or mappings of the two.
func (v value) conversations() []Conversation {
	if !v.present() {
		return nil
	}
	out := []Conversation{}
	for _, e := range v.atMost(maxConversations) {
		c, ok := e.conversation()
		if !ok {
			continue
		}
		if slices.Contains(out, c) {
			e.problem("The conversation is in this list twice; delete one.")
			continue
		}
		out = append(out, c)
	}
	return out
}

func (v value) conversation() (Conversation, bool) {
	if _, ok := v.raw(); !ok {
		return v.conversationMapping()
	}
	s := v.text()
	platform, name, ok := strings.Cut(s, ":")
	if !ok || name == "" {
		if s != "" {
			v.problem("%s is not a platform and a name with a colon between them.", quote(s))
		}
		return Conversation{}, false
	}
	return Conversation{platform, name}, v.platform(platform) && v.takesCards(platform)
}

func (v value) conversationMapping() (Conversation, bool) {
	o, ok := v.object()
	if !ok {
		return Conversation{}, false
	}
	platform := o.need("platform", strings.Join(v.Known, " or "))
	c := Conversation{platform.text(), o.need("conversation", "its name or id").text()}
	o.done()
	return c, platform.platform(c.Platform) && platform.takesCards(c.Platform) && c.Name != ""
}

// takesCards judges a platform on which a card or a handoff is to be shown.
func (v value) takesCards(platform string) bool {
	if !slices.Contains(v.Pages, platform) {
		return true
	}
	v.problem("%s takes people's pages only and shows no cards; name a conversation of another platform.", platform)
	return false
}
