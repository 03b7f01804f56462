package bot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	linkToken  = "link" // the kind of the one-time tokens that link an account
	tokenLife  = 10 * time.Minute
	parkedLife = 10 * time.Minute
	wrongCodes = 5 // per account and tokenLife
)

// codeLetters can be read aloud and typed: no 0, O, 1, I or L.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// stranger answers an account that nobody has linked: what to do, and that the press is
// kept until then.
func (c *call) stranger(ctx context.Context) Reply {
	// Another replica may have linked it a moment ago.
	if snap, err := c.engine.Refresh(ctx); err == nil {
		if u, ok := snap.UserOf(c.in.Actor.Platform, c.in.Actor.Account); ok && u.ID != 0 {
			return c.handle(ctx, c.in)
		}
	}
	r := &refusal{
		what: plain("Nothing was done: I do not know who you are here."),
		why:  plain("This account is not linked to a person in Watchbell."),
		do: plain("Where Watchbell knows you already, in the web chat for example, type “/watchbell link”. It gives you a code; type it here as “/watchbell link CODE”. " +
			"Nobody can do that for you, but an administrator can add your account to the configuration."),
	}
	if c.park(ctx) {
		r.why = plain("This account is not linked to a person in Watchbell. What you asked for is kept for ten minutes and done once you are linked.")
	}
	return Reply{Card: r.card(), Refused: true}
}

// park keeps what changes something until the account is linked. The attempt is audited.
func (c *call) park(ctx context.Context) bool {
	if c.verb == nil {
		return false
	}
	kept, err := json.Marshal(c.in)
	if err != nil {
		return false
	}
	err = c.engine.DB.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Park(ctx, c.in.Actor.Platform, c.in.Actor.Account, string(kept), c.now.Add(parkedLife)); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditLine{At: c.now, Actor: c.actor(), Action: c.verb.name + " refused",
			Object: "account", Detail: "not linked"})
	})
	if err != nil {
		c.log.Warn("park an interaction", "platform", c.in.Actor.Platform, "actor", c.in.Actor.Account, "err", err)
	}
	return err == nil
}

// link without a code gives one to somebody who is known; with a code it ties the
// account to whoever got the code, and does what was parked.
func link(ctx context.Context, c *call) (Reply, error) {
	code := c.values["code"]
	switch {
	case code == "" && c.user.ID == 0:
		return c.stranger(ctx), nil
	case code == "":
		return c.giveCode(ctx)
	case c.user.ID != 0:
		return Reply{}, &core.Error{Kind: core.Conflict, Text: "This account is linked to you already, " + c.user.Name() + ".",
			Do: "Type the code where you are not known yet."}
	}
	return c.spendCode(ctx, code)
}

func (c *call) giveCode(ctx context.Context) (Reply, error) {
	if err := c.private(); err != nil {
		return Reply{}, err
	}
	code := newCode()
	t := store.Token{Hash: hashed(code), Kind: linkToken, User: c.user.ID, ExpiresAt: c.now.Add(tokenLife)}
	if err := c.engine.DB.Tx(ctx, func(tx *store.Tx) error { return tx.InsertToken(ctx, t) }); err != nil {
		return Reply{}, err
	}
	return answer(say("Type {} in the other chat.", bold("/watchbell link "+code)),
		say("The code works once, until {}, and ties that account to you. Give it to nobody.", clock(t.ExpiresAt))), nil
}

// private refuses where others would read the answer.
func (c *call) private() error {
	if c.direct || c.can(c.in.Actor.Platform).Ephemeral {
		return nil
	}
	return &core.Error{Kind: core.Invalid, Text: "Others would read the answer here.", Do: "Ask me in our own conversation."}
}

func (c *call) spendCode(ctx context.Context, code string) (Reply, error) {
	if !c.guesses.allow(c.actor(), c.now) {
		return Reply{}, &core.Error{Kind: core.Denied, Text: "There were too many wrong codes from this account.", Do: "Wait ten minutes, then ask for a new code."}
	}
	var parked string
	var user core.User
	err := c.engine.DB.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.UseToken(ctx, linkToken, hashed(code), c.now)
		if err != nil {
			return err
		}
		if user, err = c.tie(ctx, tx, t.User); err != nil {
			return err
		}
		parked, err = tx.Unpark(ctx, c.in.Actor.Platform, c.in.Actor.Account, c.now)
		return err
	})
	switch core.KindOf(err) {
	case core.Denied, core.NotFound:
		c.guesses.wrong(c.actor(), c.now)
		return Reply{}, &core.Error{Kind: core.Denied, Text: "This code is wrong, used or older than ten minutes.",
			Do: "Get a new one with “/watchbell link” where Watchbell knows you."}
	}
	if err != nil {
		return Reply{}, err
	}
	if _, err := c.engine.Refresh(ctx); err != nil {
		c.log.Warn("read the configuration", "err", err)
	}
	return c.resume(ctx, user, parked), nil
}

// tie links the account to the user, who must not have one on this platform.
func (c *call) tie(ctx context.Context, tx *store.Tx, id core.UserID) (core.User, error) {
	user, ok := c.snap.Users[id]
	if !ok {
		return user, core.Errorf(core.Conflict, "the person this code was made for is not there any more")
	}
	if _, tied := c.snap.AccountOf(id, c.in.Actor.Platform); tied {
		return user, &core.Error{Kind: core.Conflict, Text: user.Name() + " has another account here already.",
			Do: "Ask an administrator to change it in the configuration."}
	}
	row := store.IdentityRow{Origin: "code",
		Identity: core.Identity{Platform: c.in.Actor.Platform, Account: c.in.Actor.Account, User: id}}
	if err := tx.PutIdentity(ctx, row, c.now); err != nil {
		return user, err
	}
	direct := core.Conversation{Platform: c.in.Actor.Platform, Ref: "@" + c.in.Actor.Account, Name: user.Username, User: id}
	if _, err := tx.EnsureConversation(ctx, direct); err != nil {
		return user, err
	}
	if _, err := tx.BumpVersion(ctx); err != nil {
		return user, err
	}
	return user, tx.Audit(ctx, store.AuditLine{At: c.now, Actor: c.actor(), Action: "link", Object: "user:" + user.Username})
}

// resume does what was asked before the account was known.
func (c *call) resume(ctx context.Context, user core.User, parked string) Reply {
	head := say("This account is yours now, {}.", plain(user.Name()))
	if parked == "" {
		return answer(head, plain("You will be paged here, too."))
	}
	var in Interaction
	if err := json.Unmarshal([]byte(parked), &in); err != nil {
		return answer(head, plain("What you asked for before could not be kept; ask again."))
	}
	r := c.handleFor(ctx, in, user)
	if r.Card == nil {
		r.Card = &Card{Headline: plain("And what you asked for is done.")}
		if r.Form != nil {
			r.Card.Headline = plain("Now fill in what you asked for.")
		}
	}
	r.Card.Lines = append([]Text{r.Card.Headline}, r.Card.Lines...)
	r.Card.Headline, r.Card.Plain = head, ""
	return r
}

// newCode draws a code of about 40 bits: enough for ten minutes and few guesses.
func newCode() string {
	const letters = 8
	var b strings.Builder
	for i := range letters {
		if i == letters/2 {
			b.WriteByte('-')
		}
		b.WriteByte(letterOf())
	}
	return b.String()
}

// letterOf draws one letter, each equally likely.
func letterOf() byte {
	var one [1]byte
	for {
		rand.Read(one[:]) // never fails
		if limit := 256 - 256%len(codeLetters); int(one[0]) < limit {
			return codeLetters[int(one[0])%len(codeLetters)]
		}
	}
}

// hashed is how a code is stored; case, spaces and dashes do not matter.
func hashed(code string) []byte {
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// guesses counts wrong codes per account.
type guesses struct {
	mu     sync.Mutex
	wrongs map[string][]time.Time // guarded by mu
}

func (g *guesses) allow(actor string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.recent(actor, now)) < wrongCodes
}

func (g *guesses) wrong(actor string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	const most = 10_000
	if g.wrongs == nil || len(g.wrongs) > most {
		g.wrongs = map[string][]time.Time{}
	}
	g.wrongs[actor] = append(g.recent(actor, now), now)
}

// recent needs mu.
func (g *guesses) recent(actor string, now time.Time) []time.Time {
	list := g.wrongs[actor]
	for len(list) > 0 && now.Sub(list[0]) > tokenLife {
		list = list[1:]
	}
	return list
}
