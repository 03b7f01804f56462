package core

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The matrix of roles: y may, n is Denied. The order is that of the operations.
func TestRolesMayDoWhatTheMatrixSays(t *testing.T) {
	operations := []Operation{OpProfile, OpLookUp, OpView, OpHandle, OpCover, OpOverrideSelf, OpOverride, OpModify, OpOwn, OpManage}
	for role, want := range map[Role]string{
		Stakeholder: "yynnnnnnnn",
		Guest:       "yynnnnnnnn",
		Responder:   "yyyyyynnnn",
		RoleUser:    "yyyyyyyyyn",
		Admin:       "yyyyyyyyyy",
		Role(0):     "nnnnnnnnnn",
	} {
		payments := Owner{ID: 1, Name: "payments"}
		who := Viewer{User: 1, Role: role, Teams: map[TeamID]Role{1: 0}}
		got := ""
		for _, op := range operations {
			switch err := May(who, op, payments); {
			case err == nil:
				got += "y"
			case KindOf(err) == Denied:
				got += "n"
			default:
				got += "?"
			}
		}
		require.Equal(t, want, got, "%s", role)
	}
}

func TestOwnersDecideWhoSeesAndWhoMay(t *testing.T) {
	public, other := Owner{ID: 1, Name: "payments"}, Owner{ID: 2, Name: "search"}
	private := Owner{ID: 3, Name: "security", Private: true}
	member := func(r Role, teams map[TeamID]Role) Viewer { return Viewer{User: 1, Role: r, Teams: teams} }
	for _, c := range []struct {
		name   string
		who    Viewer
		op     Operation
		owners []Owner
		want   string
	}{
		{"nobody's object is everybody's", member(RoleUser, nil), OpModify, nil, "yes"},
		{"another public team's object", member(RoleUser, nil), OpModify, []Owner{public}, "yes"},
		{"a guest sees their team's", member(Guest, map[TeamID]Role{1: 0}), OpLookUp, []Owner{public, other}, "yes"},
		{"a guest sees no other's", member(Guest, map[TeamID]Role{2: 0}), OpLookUp, []Owner{public}, "not found"},
		{"a guest sees nobody's not", member(Guest, nil), OpLookUp, nil, "not found"},
		{"a guest keeps their profile", member(Guest, nil), OpProfile, nil, "yes"},
		{"private hides", member(RoleUser, map[TeamID]Role{1: 0}), OpView, []Owner{private}, "not found"},
		{"private wins over public", member(RoleUser, map[TeamID]Role{1: 0}), OpView, []Owner{public, private}, "not found"},
		{"private shows to members", member(RoleUser, map[TeamID]Role{3: 0}), OpModify, []Owner{private}, "yes"},
		{"an admin sees all", member(Admin, nil), OpManage, []Owner{private}, "yes"},
		{"a team's role widens", member(Responder, map[TeamID]Role{1: RoleUser}), OpModify, []Owner{public}, "yes"},
		{"… only in that team", member(Responder, map[TeamID]Role{1: RoleUser}), OpModify, []Owner{other}, "denied"},
		{"a public team's role lowers nothing", member(RoleUser, map[TeamID]Role{1: Responder}), OpModify, []Owner{public}, "yes"},
		{"a private team's does", member(RoleUser, map[TeamID]Role{3: Responder}), OpModify, []Owner{private}, "denied"},
		{"a team's admin manages the team", member(RoleUser, map[TeamID]Role{1: Admin}), OpManage, []Owner{public}, "yes"},
		{"giving to a team needs a role in it", member(RoleUser, map[TeamID]Role{1: 0}), OpOwn, []Owner{public, other}, "denied"},
		{"giving within one's teams", member(RoleUser, map[TeamID]Role{1: 0, 2: 0}), OpOwn, []Owner{public, other}, "yes"},
		{"a responder gives nothing", member(Responder, map[TeamID]Role{1: 0}), OpOwn, []Owner{public}, "denied"},
		{"a stakeholder raised in the team handles", member(Stakeholder, map[TeamID]Role{1: Responder}), OpHandle, []Owner{public}, "yes"},
	} {
		got := "yes"
		if err := May(c.who, c.op, c.owners...); err != nil {
			got = KindOf(err).String()
		}
		require.Equal(t, c.want, got, c.name)
	}
}

func TestRefusalNamesRoleAndWhomToAsk(t *testing.T) {
	err := May(Viewer{User: 1, Role: Guest, Teams: map[TeamID]Role{1: 0}}, OpHandle, Owner{ID: 1, Name: "payments"})
	require.Equal(t, &Error{Kind: Denied, Text: "You may not handle alerts: that needs the role RESPONDER, and yours is GUEST.",
		Do: "Ask an admin of team payments."}, err)
}
