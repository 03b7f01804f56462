package api

import (
	"slices"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// mayAnywhere refuses whoever may not do the route's operation on any object at all, be
// it by their own role or by one in a team.
func (c *call) mayAnywhere() error {
	err := core.May(c.who.Viewer, c.need)
	if err == nil || c.need == core.OpProfile {
		return err
	}
	for id := range c.who.Teams {
		if core.May(c.who.Viewer, c.need, c.snap.Owners(id)...) == nil {
			return nil
		}
	}
	if core.KindOf(err) == core.NotFound { // a guest, who sees no object without a team
		return core.Errorf(core.Denied, "Your role is %s, which may not do this.", c.who.Role)
	}
	return err
}

// may asks for the route's operation on what these teams own.
func (c *call) may(teams ...core.TeamID) error {
	return core.May(c.who.Viewer, c.need, c.snap.Owners(teams...)...)
}

// mayAlert asks for the route's operation on an alert. Whoever responds to it may always
// see it.
func (c *call) mayAlert(a core.Alert) error {
	mine := func(r core.Responding) bool { return r.User == c.who.user.ID }
	if c.who.user.ID != 0 && slices.ContainsFunc(a.Responders, mine) {
		return c.may()
	}
	return core.May(c.who.Viewer, c.need, c.snap.AlertOwners(a)...)
}

// mayPair asks for the route's operation on alerts of a source under a policy.
func (c *call) mayPair(source core.SourceID, policy core.PolicyID) error {
	return c.mayAlert(core.Alert{Source: source, Policy: policy})
}

// scope is which alerts a caller sees.
type scope struct {
	all   bool
	parts []part      // disjoint by source
	own   core.UserID // who sees all that they respond to, beside the parts; 0: nobody
}

// part are sources whose alerts are seen under the same policies.
type part struct {
	sources  []core.SourceID
	policies []core.PolicyID // nil: any
}

// scope groups the sources of which the caller sees alerts.
func (c *call) scope() scope {
	if c.seesAll() {
		return scope{all: true}
	}
	var s scope
	if c.may() == nil {
		s.own = c.who.user.ID
	}
	for _, src := range sortedKeys(c.snap.Sources) {
		policies := c.policiesWith(src)
		if policies != nil && len(policies) == 0 {
			continue
		}
		i := slices.IndexFunc(s.parts, func(p part) bool {
			return (p.policies == nil) == (policies == nil) && slices.Equal(p.policies, policies)
		})
		if i < 0 {
			s.parts = append(s.parts, part{policies: policies})
			i = len(s.parts) - 1
		}
		s.parts[i].sources = append(s.parts[i].sources, src)
	}
	return s
}

// seesAll tells whether nothing is hidden from the caller, which is so for most people
// where no team is private.
func (c *call) seesAll() bool {
	if c.who.Role == core.Admin {
		return true
	}
	for id := range c.snap.Teams {
		if c.may(id) != nil {
			return false
		}
	}
	return c.may() == nil
}

// policiesWith are the policies under which alerts of a source are seen; nil: all.
func (c *call) policiesWith(src core.SourceID) []core.PolicyID {
	seen := []core.PolicyID{}
	for _, id := range sortedKeys(c.snap.Policies) {
		if c.mayPair(src, id) == nil {
			seen = append(seen, id)
		}
	}
	if len(seen) == len(c.snap.Policies) && c.mayPair(src, 0) == nil {
		return nil
	}
	return seen
}

// within are the filters that together select what f does within the scope: one query
// each, without a row in two of them.
func (s scope) within(f store.AlertFilter) []store.AlertFilter {
	if s.all {
		return []store.AlertFilter{f}
	}
	var all []store.AlertFilter
	for _, p := range s.parts {
		g := f
		g.Visible = p.sources
		if p.policies != nil {
			g.Policies = both(f.Policies, p.policies)
			if len(g.Policies) == 0 {
				continue
			}
		}
		all = append(all, g)
	}
	return all
}

// beside is the filter that selects what the caller sees only as a responder, and perhaps
// more; ok is false if there is none. Asked for the alerts of other responders, it is left
// out: rows are of one or the other.
func (s scope) beside(f store.AlertFilter) (g store.AlertFilter, ok bool) {
	if s.all || s.own == 0 || len(f.Responders) > 0 && !slices.Contains(f.Responders, s.own) {
		return f, false
	}
	f.Responders = []core.UserID{s.own}
	return f, true
}

// both are the ids in two lists, of which the first says nothing if it is empty.
func both(asked, seen []core.PolicyID) []core.PolicyID {
	if len(asked) == 0 {
		return seen
	}
	return slices.DeleteFunc(slices.Clone(asked), func(id core.PolicyID) bool { return !slices.Contains(seen, id) })
}
