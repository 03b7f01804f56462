// Package ntfy sends people's pages as push notifications through an ntfy server, and
// takes the one answer that such a notification can give.
//
// A person's account is their topic. A notification says what a lock screen shows, and
// carries one button. It cannot be changed afterwards, so every call is a notification of
// its own, and no card is shown here.
//
// The button posts to /p/{token}/accept. The token is made for one call to one person: it
// names the alert, the person, the call and the verb under an HMAC of the installation's
// secret, acts once, and is of no use once the alert has moved on: the verb refuses then,
// as it does everywhere. A GET never acts, since what looks at links for people follows
// them; it shows a page with the button.
//
//	call ──POST {url}/{topic}──▶ ntfy ──▶ phone ──POST /p/{token}/accept──▶ bot.Handler
//
// What fails: 429 and 5xx are tried again, not before Retry-After; what the server
// refuses (401, 403, 400, 413, a redirect) never works like this, so the escalation hears
// of it at once.
//
// # Decisions
//
// 2026-11-25: titles are ASCII and headers are used rather than a JSON body, so that a
// topic's own address is what is posted to, which is what access rules of servers and
// proxies are written for.
//
// 2026-11-25: an answer by the phone's browser is a page for people; a press by the ntfy
// app reads nothing but the status: 200 done, 410 not done.
package ntfy
