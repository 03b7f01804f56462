package engine

import (
	"context"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/store"
)

// unlinkStale unlinks, before anything is linked, the accounts that users lose: an
// account may go from one to another in the same plan.
func (a *applier) unlinkStale(ctx context.Context, changes []config.Change) error {
	for _, c := range changes {
		if c.Ref.Kind != string(store.Users) || c.Op == config.Adopt {
			continue
		}
		id := core.UserID(a.ids[c.Ref])
		for _, have := range a.snap.Identities {
			if have.User != id || c.Op != config.Delete && !stale(have, c.Want.User.Identities) {
				continue
			}
			if err := a.unlink(ctx, have); err != nil {
				return err
			}
		}
	}
	return nil
}

// stale tells whether an account is not the user's any more, given what a file writes.
// What a person linked by a code or by their address stays; so does what no file wrote,
// unless the file names another account there.
func stale(have store.IdentityRow, want map[string]string) bool {
	account, named := want[have.Platform]
	switch {
	case named && account == have.Account, have.Origin == "code", have.Origin == "email":
		return false
	}
	return named || fromFile(have)
}

func fromFile(i store.IdentityRow) bool { return strings.HasPrefix(i.Origin, "file:") }

// unlink takes an account from its user, and the conversation with them on that platform:
// whoever has the account next has one of their own, and does not get what was meant for
// this one. Another account of the user there gets a new one.
func (a *applier) unlink(ctx context.Context, i store.IdentityRow) error {
	if err := a.tx.DeleteIdentity(ctx, i.Platform, i.Account); err != nil {
		return err
	}
	if err := a.tx.DropDirect(ctx, i.User, i.Platform); err != nil {
		return err
	}
	for _, other := range a.snap.Identities {
		if other.User == i.User && other.Platform == i.Platform && other.Account != i.Account && !fromFile(other) {
			return a.direct(ctx, other.Identity)
		}
	}
	return nil
}

// identities links the accounts that a file names and opens their direct conversations.
// One that is linked already keeps its conversation, which its platform may have named.
func (a *applier) identities(ctx context.Context, w config.User, id core.UserID, origin string) error {
	for platform, acc := range w.Identities {
		link := core.Identity{Platform: platform, Account: acc, User: id}
		if err := a.tx.PutIdentity(ctx, store.IdentityRow{Identity: link, Origin: origin}, a.now); err != nil {
			return err
		}
		_, open := a.snap.Direct(id, platform)
		if user, linked := a.snap.accounts[account{platform, acc}]; linked && user == id && open {
			continue
		}
		if err := a.direct(ctx, link); err != nil {
			return err
		}
	}
	return nil
}

// direct opens the conversation of an account.
func (a *applier) direct(ctx context.Context, i core.Identity) error {
	want := core.Conversation{Platform: i.Platform, Ref: "@" + i.Account, Name: a.snap.Users[i.User].Username, User: i.User}
	if want.Name == "" {
		want.Name = i.Account
	}
	_, err := a.tx.EnsureConversation(ctx, want)
	return err
}
