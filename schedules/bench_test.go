package schedules

import (
	"testing"
	"time"
)

// usual is a schedule of three layers with restrictions, begun decades ago.
func usual() Schedule {
	s := weekends()
	s.Layers[0].StartsOn = "1990-01-01T09:00"
	s.Layers = append(s.Layers, restricted(turning("1990-01-01T20:00", "P1D", ana, ben, cleo), nights()...))
	return s
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compiled(b, usual())
	}
}

func BenchmarkWho(b *testing.B) {
	c, at := compiled(b, usual()), instantAt(b, "2026-11-25T12:00Z")
	for b.Loop() {
		c.Who(at)
	}
}

func BenchmarkOnCall(b *testing.B) {
	c, at := compiled(b, usual()), instantAt(b, "2026-11-25T12:00Z")
	for b.Loop() {
		c.OnCall(at)
	}
}

func BenchmarkNextChange(b *testing.B) {
	c, at := compiled(b, usual()), instantAt(b, "2026-11-25T12:00Z")
	for b.Loop() {
		c.NextChange(at)
	}
}

func BenchmarkNextChangeOfOnePersonAlone(b *testing.B) {
	c, at := compiled(b, recurring("Europe/Berlin", turning("1990-01-01T09:00", "PT1H", ana))), instantAt(b, "2026-11-25T12:00Z")
	for b.Loop() {
		c.NextChange(at)
	}
}

func BenchmarkQuarterOfShifts(b *testing.B) {
	c, from, until := compiled(b, usual()), instantAt(b, "2026-10-01T00:00Z"), instantAt(b, "2027-01-01T00:00Z")
	for b.Loop() {
		c.Shifts(from, until)
	}
}

// manyOverrides are minutes apart, so that each is a shift and so is what lies between.
func manyOverrides(b *testing.B) []Override {
	from := instantAt(b, "2026-11-01T00:00Z")
	list := make([]Override, 10_000)
	for i := range list {
		start := from.Add(time.Duration(i*7919%10_000*4) * time.Minute)
		list[i] = Override{int64(i + 1), ben, start, start.Add(3 * time.Minute)}
	}
	return list
}

func BenchmarkMonthWithTenThousandOverrides(b *testing.B) {
	c, from := compiled(b, usual()).WithOverrides(manyOverrides(b)), instantAt(b, "2026-11-01T00:00Z")
	until := from.AddDate(0, 1, 0)
	for b.Loop() {
		c.Shifts(from, until)
	}
}

func BenchmarkTenThousandOverrides(b *testing.B) {
	c, list := compiled(b, usual()), manyOverrides(b)
	for b.Loop() {
		c.WithOverrides(list)
	}
}

func BenchmarkNextEdge(b *testing.B) {
	h, at := hoursOf(b, office("Europe/Berlin")), instantAt(b, "2026-11-25T12:00Z")
	for b.Loop() {
		h.NextEdge(at)
	}
}
