package bot

import (
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/schedules"
)

// longestTime is how many words one time has at most.
const longestTime = 4

// splitTimes finds the two times that words begin with, FROM and TO, each the longest
// that can be read. What cannot be read is returned as it stands, to be refused where it
// belongs; used is how many words the times took.
func splitTimes(words []word, now time.Time, loc *time.Location) (from, to string, used int) {
	begin := skip(words, 0, "from")
	if begin >= len(words) {
		return "", "", len(words)
	}
	readable := 0 // where the longest FROM ends that can be read
	for i := min(len(words), begin+longestTime); i > begin; i-- {
		from = join(words[begin:i])
		start, err := readTime(from, now, loc)
		if err != nil {
			continue
		}
		readable = max(readable, i)
		second := skip(words, i, "to", "until", "till", "-", "–", "—")
		for j := min(len(words), second+longestTime); j > second; j-- {
			to = join(words[second:j])
			if _, err := readUntil(to, start, now, loc); err == nil {
				return from, to, j
			}
		}
	}
	if readable == 0 {
		readable = begin + 1
	}
	return join(words[begin:readable]), join(words[readable:]), len(words)
}

// skip passes over a word at i that only joins times.
func skip(words []word, i int, fillers ...string) int {
	if i < len(words) && !words[i].quoted && slices.Contains(fillers, strings.ToLower(words[i].text)) {
		return i + 1
	}
	return i
}

// readUntil reads an end: a length counts from the start, a clock time or a weekday is
// the next one after it.
func readUntil(s string, start, now time.Time, loc *time.Location) (time.Time, error) {
	text := strings.ToLower(oneLine(s))
	for _, lead := range []string{"to ", "until ", "till ", "for "} {
		text = strings.TrimPrefix(text, lead)
	}
	from := start
	if first, _, _ := strings.Cut(text, " "); slices.Contains([]string{"today", "tonight", "tomorrow", "tmrw"}, first) {
		from = now
	}
	end, err := readTime(text, from, loc)
	if err != nil {
		return end, err
	}
	if !end.After(start) {
		return end, invalid("“%s” does not lie after the start.", oneLine(cut(s, 60)))
	}
	return end, nil
}

// span reads the fields from and to.
func (c *call) span() (schedules.Span, error) {
	start, err := readTime(c.values["from"], c.now, c.loc)
	if err == nil && start.Sub(c.now) > furthest {
		err = invalid("“%s” is more than a year away.", oneLine(cut(c.values["from"], 60)))
	}
	if err != nil {
		return schedules.Span{}, inField("from", err)
	}
	end, err := readUntil(c.values["to"], start, c.now, c.loc)
	if err == nil && !end.After(c.now) {
		err = invalid("“%s” is over already.", oneLine(cut(c.values["to"], 60)))
	}
	if err == nil && end.Sub(start) > furthest {
		err = invalid("That is longer than a year.")
	}
	return schedules.Span{Start: start, End: end}, inField("to", err)
}

// spanWords says a span back: weekdays, clock, zone, and how long that is.
func spanWords(s schedules.Span, now time.Time, loc *time.Location) Text {
	z := zone{loc: loc}
	return plain(z.show(s.Start, now, DateTime) + " – " + z.show(s.End, now, DateTime) + " " + s.End.In(loc).Format("MST") +
		" (" + lengthWords(s.End.Sub(s.Start)) + ")")
}
