package webchat_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store/storetest"
)

// everyState posts a card of each layout.
func everyState(w *world) {
	now := w.e.Now()
	for _, c := range []bot.Card{resolvedCard(), snoozedCard(now), acceptedCard(now), nobodyCard(), coverCard(), pendingCard(now)} {
		w.send("payments", bot.Message{Card: c})
	}
	w.send("@ana", bot.Message{Card: resolvedCard()})
	w.send("@ana", bot.Message{Card: pageCard(now)})
}

// TestEveryCardFitsEveryScreen looks at all layouts from the smallest phone to a wide
// screen: nothing is cut off, and everything that is pressed is large enough for a thumb.
func TestEveryCardFitsEveryScreen(t *testing.T) {
	w := worldOn(t, storetest.Memory(t), webchat.Options{Demo: true,
		Strip: func(u core.User) string {
			return fmt.Sprintf("You are %s. Something is paging you. Accept it, or wait and watch Ben.", u.FirstName)
		}})
	w.replies(func(in bot.Interaction) bot.Reply {
		return bot.Reply{Card: &bot.Card{Headline: plain("Ana Silva is on call on payments-primary until Mon 09:00."), Lines: []bot.Text{plain("Then Ben Okoye, Mon 09:00 – Mon 30 Nov 09:00.")}}}
	})
	w.asksFirst(func(in bot.Interaction) (bot.Form, bool) { return snoozeForm(), in.Action == "snooze:1234" })
	everyState(w)
	ben := w.as("ben")
	ben.say("payments", "I am looking at the replication lag, it started with the last deploy.")
	ben.say("payments", "Rolling back now.")

	b := openTab(t, 390, 844)
	b.do(chromedp.Navigate(w.http.URL + "/chat"))
	b.see(`document.querySelectorAll('.people button').length === 4`)
	b.inspect("signin")
	b.press("AS")
	b.see(`document.querySelectorAll('.lists a').length === 2`)
	b.inspect("list-phone")
	b.press("payments")
	b.see(`document.querySelectorAll('.post').length === 8`)
	for name, size := range map[string][2]int64{"small": {320, 640}, "phone": {390, 844}, "wide": {1280, 800}} {
		b.do(chromedp.EmulateViewport(size[0], size[1]))
		b.run(`document.querySelector('#posts').scrollTop = 0`)
		b.inspect("channel-top-" + name)
		b.run(`document.querySelector('#posts').scrollTop = 1e6`)
		b.inspect("channel-" + name)
		b.press("More actions #1234")
		b.see(`document.querySelector('.menu')`)
		b.inspect("menu-" + name)
		b.press("More actions #1234")
		b.press("Resolve… #1234")
		b.see(`document.querySelector('#confirm').open`)
		b.inspect("confirm-" + name)
		b.press("Cancel")
		b.press("Snooze… #1234")
		b.see(`document.querySelector('#form').open`)
		b.inspect("form-" + name)
		b.press("Cancel")
		b.write("/on")
		b.see(`document.querySelectorAll('.offers li').length > 1`)
		b.inspect("offers-" + name)
		b.write("/oncall payments-primary")
		b.do(chromedp.KeyEvent(kb.Enter))
		b.see(`document.querySelector('.answer')`)
		b.inspect("answer-" + name)
		b.press("Dismiss")
		b.run(`location.hash = '#/c/' + document.querySelector('.direct a').dataset.id`)
		b.see(`document.querySelectorAll('.post').length === 2`)
		b.inspect("direct-" + name)
		b.run(`history.back()`)
		b.see(`document.querySelectorAll('.post').length === 8`)
	}
	b.quiet()
}

// write replaces what stands in the message field.
func (b *tab) write(text string) {
	b.Helper()
	b.run(`document.querySelector('#text').focus(); document.querySelector('#text').value = ''`)
	b.do(chromedp.KeyEvent(text))
}

// inspect takes a picture in light and dark and measures what is on the page.
func (b *tab) inspect(name string) {
	b.Helper()
	for _, dark := range []bool{false, true} {
		b.dark(dark)
		b.picture(fmt.Sprintf("%s-%s", name, map[bool]string{false: "light", true: "dark"}[dark]))
	}
	wrong := eval[[]string](b, `(() => {
		const wrong = [], width = document.documentElement.clientWidth;
		for (const e of document.querySelectorAll('body *')) {
			if (!e.checkVisibility() || e.closest('.unseen, .skip')) continue;
			const r = e.getBoundingClientRect();
			const what = e.tagName + '.' + e.className + ' “' + e.textContent.trim().slice(0, 30) + '” ' + Math.round(r.width) + '×' + Math.round(r.height);
			if (r.right > width + 1 || r.left < -1) wrong.push('sticks out: ' + what);
			if (e.matches('button, .lists a, .links a, textarea, input, select') && r.height < 43.5) wrong.push('too low for a thumb: ' + what);
			if (e.matches('button') && r.width < 43.5) wrong.push('too narrow for a thumb: ' + what);
			if (width < 480 && e.matches('.card:not([data-status=RESOLVED]) .actions > button:first-child') &&
				(r.height < 48 || r.width < e.parentElement.clientWidth - 1)) wrong.push('not the big button: ' + what);
		}
		return wrong;
	})()`)
	require.Empty(b, wrong, name)
}
