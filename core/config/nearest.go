package config

import (
	"strings"
	"unicode/utf8"
)

// DidYouMean returns a sentence that names the candidate nearest to what was written, or
// nothing if none is near.
func DidYouMean(written string, candidates []string) string {
	if best := Nearest(written, candidates); best != "" {
		return " Did you mean " + best + "?"
	}
	return ""
}

// Nearest is the candidate that somebody who wrote this probably meant, or nothing if none
// is near. Letters' case does not matter.
func Nearest(written string, candidates []string) string {
	best, least := "", utf8.RuneCountInString(written)/3+2
	for _, c := range candidates {
		if d := distance(written, c); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is how far a written name is from another: the edits that make one the other,
// or one more than to the other's first words, since names are often cut short. Long names
// are far from everything.
func distance(written, name string) int {
	const long = 64
	x, y := []rune(strings.ToLower(written)), []rune(strings.ToLower(name))
	if len(x) > long || len(y) > long {
		return long
	}
	least := edits(x, y)
	for i, r := range y {
		if i > 2 && strings.ContainsRune("-_./: ", r) {
			least = min(least, edits(x, y[:i])+1)
		}
	}
	if len(x) > 2 && (strings.HasPrefix(string(x), string(y)) || strings.HasPrefix(string(y), string(x))) {
		least = min(least, 1)
	}
	return least
}

// edits is the number of insertions, deletions, replacements and swaps of neighbours.
func edits(x, y []rune) int {
	before, last, row := []int(nil), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, make([]int, len(y)+1)
	}
	return last[len(y)]
}
