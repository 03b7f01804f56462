package webchat

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// reader is for whom text is rendered: whose zone, at which moment, with which names.
type reader struct {
	zone  *time.Location
	now   time.Time
	users map[core.UserID]core.User
}

func (a *Adapter) reader(u core.User) reader {
	zone, err := time.LoadLocation(u.Timezone)
	if err != nil {
		zone = time.UTC // a zone this machine does not know must not hide a page
	}
	return reader{zone: zone, now: a.e.Now(), users: a.e.Snapshot().Users}
}

// text renders spans as plain text.
func (r reader) text(t bot.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.Person != 0:
			b.WriteString(r.person(s.Person))
		case !s.Time.IsZero():
			b.WriteString(bot.ShowTime(s.Time, r.now, r.zone, s.Layout))
		default:
			b.WriteString(clean(s.Text))
		}
	}
	return strings.TrimSpace(b.String())
}

func (r reader) person(id core.UserID) string {
	if u, ok := r.users[id]; ok {
		return clean(u.Name())
	}
	return "somebody"
}

// links are the http and https addresses that spans lead to.
func links(t bot.Text) []bot.Link {
	var all []bot.Link
	for _, s := range t {
		if s.Href != "" && s.Text != "" {
			all = append(all, bot.Link{Text: s.Text, Href: s.Href})
		}
	}
	return all
}

// outward tells whether a link may be followed: absolute, http or https, with a host.
func outward(href string) bool {
	u, err := url.Parse(href)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// clean takes out what changes how the text around it is read: control characters but
// line breaks, and those that turn the direction of writing.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t':
			return ' '
		case unicode.IsControl(c), turns(c):
			return -1
		}
		return c
	}, s)
}

func turns(c rune) bool {
	return c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 ||
		c == 0x200E || c == 0x200F || c == 0x061C || c == 0x2028 || c == 0x2029
}
