package webchat_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/store/storetest"
)

const enter = "\r"

// TestOnePersonsNight is what somebody does in the page from the link to the last button.
func TestOnePersonsNight(t *testing.T) {
	w := newWorld(t)
	b := openTab(t, 1280, 800)
	b.do(chromedp.Navigate(w.link("ana")))
	b.see(`location.pathname === '/chat' && document.querySelector('.link').textContent === 'Live'`)
	require.NotContains(t, eval[string](b, `location.href`), "token")
	b.do(chromedp.NavigateBack())
	b.see(`!location.href.includes('token')`)
	b.do(chromedp.Navigate(w.http.URL + "/chat"))
	b.see(`document.querySelector('.empty') && document.querySelector('.link').textContent === 'Live'`)

	// A page arrives by itself.
	ref := w.send("@ana", bot.Message{Card: pageCard(w.e.Now())})
	b.see(`document.querySelector('.card[data-status=PENDING]')`)
	require.Equal(t, "PENDING", eval[string](b, `document.querySelector('.post .card').dataset.status`))
	b.see(`document.querySelector('#assertive').textContent.includes('is pending')`)

	// Accept: the bot is asked, and the card changes in place, under the keyboard.
	w.replies(func(in bot.Interaction) bot.Reply {
		if in.Action == "accept:1234" {
			c := acceptedCard(w.e.Now())
			c.Alert = 1234
			w.edit("@ana", ref, bot.Message{Card: c})
			return bot.Reply{Card: said("You have it.")}
		}
		return bot.Reply{Card: said("heard " + in.Text + in.Action + in.Form + " " + in.Values["time"])}
	})
	b.press("Accept #1234")
	b.see(`document.querySelector('.card[data-status=ACCEPTED]') && document.querySelectorAll('.post').length === 1`)
	b.see(`document.querySelector('.answer').textContent.includes('You have it.')`)

	// A command, completed, sent with Enter, and brought back with the arrow.
	b.press("Dismiss")
	b.write("onc")
	b.see(`document.querySelector('.offers li')`)
	b.do(chromedp.KeyEvent("\t"))
	require.Equal(t, "/oncall ", eval[string](b, `document.querySelector('#text').value`))
	b.write("/oncall me" + enter)
	b.see(`document.querySelector('.answer').textContent.includes('heard /oncall me')`)
	require.Empty(t, eval[string](b, `document.querySelector('#text').value`))
	b.do(chromedp.KeyEvent(arrowUp))
	b.see(`document.querySelector('#text').value === '/oncall me'`)
	b.press("Dismiss")

	// A form that is wrong stays open, says what is wrong, and then works.
	w.asksFirst(func(in bot.Interaction) (bot.Form, bool) { return snoozeForm(), in.Action == "snooze:1231" })
	b.press("Snooze… #1234")
	b.see(`document.querySelector('#form').open && document.activeElement.name === 'time'`)
	w.replies(func(in bot.Interaction) bot.Reply {
		if in.Values["time"] != "18:00" {
			return bot.Reply{Errors: map[string]string{"time": "That is no time.", "": "Nothing happened."}}
		}
		return bot.Reply{Card: said("Snoozed until 18:00.")}
	})
	b.press("Snooze")
	b.see(`document.querySelector('#field-time').getAttribute('aria-invalid') === 'true'`)
	require.Contains(t, eval[string](b, `document.querySelector('#form').innerText`), "That is no time.")
	b.run(`document.querySelector('#field-time').value = '18:00'`)
	b.do(chromedp.KeyEvent(enter))
	b.see(`!document.querySelector('#form').open && document.querySelector('.answer').textContent.includes('Snoozed until 18:00.')`)
	require.Equal(t, "snooze:1234", w.last().Form)
	b.press("Dismiss")
	b.quiet()
}

// TestNothingHappensUntilItIsConfirmed holds the dialog that asks first.
func TestNothingHappensUntilItIsConfirmed(t *testing.T) {
	w := newWorld(t)
	w.send("@ana", bot.Message{Card: pageCard(w.e.Now())})
	w.replies(func(in bot.Interaction) bot.Reply { return bot.Reply{Card: said("did " + in.Action)} })
	b := openTab(t, 390, 844)
	b.do(chromedp.Navigate(w.link("ana")))
	b.press("Watchbell")
	for _, no := range []func(){func() { b.press("Cancel") }, func() { b.do(chromedp.KeyEvent(escape)) }, func() { b.do(chromedp.KeyEvent(enter)) }} {
		b.press("Resolve… #1234")
		b.see(`document.querySelector('#confirm').open && document.querySelector('#confirm').textContent.includes('cannot be reopened')`)
		no()
		b.see(`!document.querySelector('#confirm').open`)
	}
	require.Empty(t, w.last().Action)
	b.press("Resolve… #1234")
	b.press("Resolve")
	b.see(`document.querySelector('.answer').textContent.includes('did resolve:1234')`)

	b.press("Back to conversations")
	b.see(`document.querySelector('.side').checkVisibility() && !document.querySelector('.main').checkVisibility()`)
	b.quiet()
}

// TestPageComesBackByItself ends the server under an open page: the page says so, and
// once there is a server again it shows what happened meanwhile.
func TestPageComesBackByItself(t *testing.T) {
	w := worldOn(t, storetest.Memory(t), webchat.Options{})
	ref := w.send("payments", bot.Message{Card: pendingCard(w.e.Now())})
	calm := w.send("payments", bot.Message{Card: *said("calm")})
	b := openTab(t, 1280, 800)
	b.do(chromedp.Navigate(w.link("ana")))
	b.press("payments")
	b.see(`document.querySelectorAll('.post').length === 2 && document.querySelector('.link').textContent === 'Live'`)

	b.run(`document.querySelector('[data-action="accept:1234"]').focus()`)
	w.gate.Store(true)
	w.http.CloseClientConnections()
	b.see(`document.querySelector('.link').textContent === 'Reconnecting…'`)
	b.see(`!document.querySelector('#lost').hidden`)
	b.inspect("reconnecting")
	w.send("payments", bot.Message{Card: *said("meanwhile")})
	w.edit("payments", calm, bot.Message{Card: *said("not so calm")})
	w.gate.Store(false)
	b.see(`document.querySelector('.link').textContent === 'Live'`)
	b.see(`document.querySelector('#lost').hidden`)
	b.see(`document.querySelectorAll('.post').length === 3 && document.body.innerText.includes('not so calm')`)
	b.see(`document.activeElement.dataset.action === 'accept:1234'`)
	w.edit("payments", ref, bot.Message{Card: resolvedCard()})
	b.see(`document.querySelector('.card[data-status=RESOLVED]')`)
	require.Equal(t, 0, eval[int](b, `document.querySelectorAll('.card[data-status=PENDING]').length`))
}

// TestHostileTextIsInert shows text that tries to be markup, script, a link, or another
// line of the page: it is all just text.
func TestHostileTextIsInert(t *testing.T) {
	w := newWorld(t)
	evil := `<img src=x onerror=pwned()><script>pwned()</script>{{constructor}}" onclick="pwned()` + "\u202Etxt.exe\u2066\x07\x00 [x](javascript:pwned()) <!channel> @all"
	text := plain(evil)
	w.send("payments", bot.Message{Card: bot.Card{
		Alert: 12, Tone: bot.TonePending, Plain: evil, Headline: text, Lines: []bot.Text{text, plain(strings.Repeat("long ", 4000)), plain(strings.Repeat("W", 3000))},
		Fields: []bot.Field{{Name: evil, Value: text}}, Footer: text,
		Links: []bot.Link{{Text: evil, Href: "https://good.example/"}, {Text: "a", Href: "javascript:pwned()"}, {Text: "b", Href: "data:text/html,x"},
			{Text: "c", Href: "https://user@evil.example"}, {Text: "d", Href: "//evil.example"}, {Text: "https://good.example", Href: "https://аpple.example/x"}},
		Actions: []bot.Action{{Action: `a"]:12`, Label: evil, Style: "x onclick", Confirm: evil}, {Action: "b:12", Label: evil, Menu: true}},
	}})
	w.as("ben").say("payments", evil)
	b := openTab(t, 390, 844)
	b.do(chromedp.Navigate(w.link("ana")))
	b.press("payments")
	b.see(`document.querySelectorAll('.post').length === 2`)
	b.press("More actions")
	b.see(`document.querySelector('.menu')`)
	b.inspect("hostile")

	require.Equal(t, "", eval[string](b, `[...document.querySelectorAll('.posts img, .posts script, .posts [onclick], .posts [onerror]')].filter(e => !e.closest('.avatar')).map(e => e.outerHTML).join()`))
	require.Equal(t, []string{"https://good.example/", "https://xn--pple-43d.example/x"}, eval[[]string](b, `[...document.querySelectorAll('.posts a')].map(a => a.href)`))
	require.Contains(t, eval[string](b, `[...document.querySelectorAll('.posts a')].at(-1).textContent`), "xn--pple-43d.example", "where a link leads is said")
	require.False(t, eval[bool](b, `/[\u202a-\u202e\u2066-\u2069\u0007\u0000]/.test(document.body.textContent)`))
	require.Equal(t, eval[string](b, `document.querySelector('.headline').textContent`), eval[string](b, `document.querySelector('.said').textContent`))
	b.quiet()
}

func TestUnreadIsShownAndCleared(t *testing.T) {
	w := newWorld(t)
	b := openTab(t, 1280, 800)
	b.do(chromedp.Navigate(w.link("ana")))
	b.see(`document.querySelector('.link').textContent === 'Live'`)
	w.send("payments", bot.Message{Card: *said("one")})
	w.send("payments", bot.Message{Card: *said("two")})
	w.send("@ben", bot.Message{Card: *said("Ben's own")})
	b.see(`document.querySelector('.channel .badge')?.textContent === '2' && document.title === '(2) Watchbell'`)
	b.press("payments, 2 unread")
	b.see(`!document.querySelector('.badge') && document.title === 'payments · Watchbell'`)
	require.NotContains(t, eval[string](b, `document.body.textContent`), "Ben's own")
	b.quiet()
}

const (
	arrowUp = "\u0304"
	escape  = "\u001b"
)
