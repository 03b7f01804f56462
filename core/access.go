package core

import (
	"fmt"
	"strings"
)

// Viewer is a user as access rules see them: their role anywhere, and their role in
// each team they belong to (0: as anywhere).
type Viewer struct {
	User  UserID
	Role  Role
	Teams map[TeamID]Role
}

// Owner is a team that owns an object. An object without owners belongs to everybody.
type Owner struct {
	ID      TeamID
	Name    string
	Private bool
}

// Operation is what somebody wants to do.
type Operation int8

const (
	OpProfile      Operation = iota + 1 // one's own profile, mute, linked chats, notification settings
	OpLookUp                            // chat: cards, lists, who is on call
	OpView                              // API: read objects and alerts
	OpHandle                            // alerts: accept, resolve, escalate, comment, make one, …; pause a heartbeat
	OpCover                             // ask for cover, and answer
	OpOverrideSelf                      // an override for oneself; take on-call
	OpOverride                          // an override for anybody
	OpModify                            // sources, policies, schedules, heartbeats, support hours, maintenance
	OpOwn                               // give an object to the teams in owners, or take it from them
	OpManage                            // users, teams, API keys, settings
)

// least is the role an operation needs, and how a refusal names the operation.
func (o Operation) least() (Role, string) {
	switch o {
	case OpProfile:
		return Stakeholder, "change your own settings"
	case OpLookUp:
		return Stakeholder, "look this up"
	case OpView:
		return Responder, "read this"
	case OpHandle:
		return Responder, "handle alerts"
	case OpCover:
		return Responder, "arrange cover"
	case OpOverrideSelf:
		return Responder, "take on-call"
	case OpOverride:
		return RoleUser, "put somebody else on call"
	case OpModify:
		return RoleUser, "change this"
	case OpOwn:
		return RoleUser, "change which team owns this"
	case OpManage:
	}
	return Admin, "manage users, teams and settings"
}

// May tells whether somebody may do op on an object owned by owners: nil, NotFound if the
// object is not theirs to see, else Denied. OpProfile asks for no object. Ownership only
// narrows what is seen and, through a team's role, widens (in private teams also lowers)
// what may be done.
func May(who Viewer, op Operation, owners ...Owner) error {
	if op != OpProfile && !sees(who, owners) {
		return &Error{Kind: NotFound, Text: "There is no such thing, or it is not yours to see."}
	}
	least, what := op.least()
	if op == OpOwn {
		return mayOwn(who, least, owners)
	}
	role := who.RoleFor(owners...)
	if role >= least {
		return nil
	}
	return &Error{Kind: Denied,
		Text: fmt.Sprintf("You may not %s: that needs the role %s, and yours is %s.", what, least, role),
		Do:   whoToAsk(owners)}
}

// RoleFor is the role that counts for an object: the highest of the viewer's own and
// those in its teams. In a private team the team's role counts alone. ADMIN is ADMIN
// everywhere.
func (v Viewer) RoleFor(owners ...Owner) Role {
	if v.Role == Admin {
		return Admin
	}
	best, private := v.Role, anyPrivate(owners)
	if private {
		best = 0
	}
	for _, o := range owners {
		role, member := v.Teams[o.ID]
		if !member {
			continue
		}
		if role == 0 || (!o.Private && role < v.Role) {
			role = v.Role
		}
		best = max(best, role)
	}
	return best
}

// sees tells whether an object exists for a viewer. Private wins when it has owners of
// both kinds; guests see only their teams' objects.
func sees(v Viewer, owners []Owner) bool {
	if v.Role == Admin {
		return true
	}
	private := anyPrivate(owners)
	if !private && v.Role != Guest {
		return true
	}
	for _, o := range owners {
		if _, member := v.Teams[o.ID]; member && (o.Private || !private) {
			return true
		}
	}
	return false
}

func anyPrivate(owners []Owner) bool {
	for _, o := range owners {
		if o.Private {
			return true
		}
	}
	return false
}

// mayOwn asks for a writing role in each team, since each gains or loses the object.
func mayOwn(v Viewer, least Role, owners []Owner) error {
	if v.Role == Admin {
		return nil
	}
	for _, o := range owners {
		if _, member := v.Teams[o.ID]; !member || v.RoleFor(o) < least {
			return &Error{Kind: Denied,
				Text: fmt.Sprintf("You may not change what team %s owns: that needs the role %s in it.", o.Name, least),
				Do:   whoToAsk([]Owner{o})}
		}
	}
	if v.Role < least && len(owners) == 0 {
		return &Error{Kind: Denied, Text: "You may not take an object from all teams.", Do: whoToAsk(nil)}
	}
	return nil
}

func whoToAsk(owners []Owner) string {
	names := make([]string, 0, len(owners))
	for _, o := range owners {
		names = append(names, o.Name)
	}
	if len(names) == 0 {
		return "Ask an administrator."
	}
	return "Ask an admin of team " + strings.Join(names, " or ") + "."
}
