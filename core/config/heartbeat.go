package config

import (
	"cmp"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// HeartbeatMonitor by names. Fields are those of core.Heartbeat.
type HeartbeatMonitor struct {
	Name           string
	Interval       time.Duration // 0: Cron counts
	Cron, Timezone string
	Grace          time.Duration
	Summary        string
	Source         string      // "": state only
	Key            core.Secret // "": one is made, or the one it has is kept
	Teams          []string
}

// maxSummary is how long a line about an alert may be.
const maxSummary = 240

var (
	beatInterval = quantity{time.Second, core.MaxInterval, core.MinInterval, core.MaxInterval}
	beatGrace    = quantity{time.Second, core.MaxGrace, 0, core.MaxGrace}
)

func (v value) heartbeat() {
	o, ok := v.object()
	if !ok {
		return
	}
	h := HeartbeatMonitor{
		Name:  o.need("name", "nightly-backup").text(),
		Grace: o.get("gracePeriodSec").duration(beatGrace),
		Key:   o.get("integrationKey").integrationKey(),
	}
	o.rhythm(&h)
	if f := o.get("alertSummary"); f.present() {
		if h.Summary = f.text(); len([]rune(h.Summary)) > maxSummary {
			f.problem("The summary is longer than %d characters.", maxSummary)
		}
	}
	if f := o.get("alertSource"); f.present() {
		h.Source = f.refer(Sources, mention)
	} else {
		v.warn("Without alertSource nobody is told when a beat is missing; /heartbeat list shows it.")
	}
	h.Teams = o.get("teams").referAll(Teams, mention, maxTeams)
	o.done()
	if v.define(Heartbeats, h.Name) {
		v.set.Heartbeats = append(v.set.Heartbeats, h)
	}
}

// rhythm reads when beats are expected: every so often, or at the times of an expression.
func (o *object) rhythm(h *HeartbeatMonitor) {
	every, at, zone := o.get("intervalSec"), o.get("cron"), o.get("timezone")
	switch {
	case every.present() && at.present():
		at.problem("A monitor has intervalSec or cron, not both; delete one.")
		return
	case !every.present() && !at.present():
		o.problem("It does not say when a beat is expected; write intervalSec: 86400 or cron: \"0 2 * * *\".")
		return
	case every.present():
		h.Interval = every.duration(beatInterval)
		if zone.present() {
			zone.warn("This has an effect only with cron.")
			zone.zone()
		}
		return
	}
	h.Timezone = cmp.Or(zone.zone(), DefaultTimezone)
	_, err := schedules.Location(h.Timezone)
	if h.Cron = at.text(); h.Cron == "" || err != nil {
		return
	}
	if _, err := schedules.ParseCron(h.Cron, h.Timezone); err != nil {
		at.problem("%s", err)
	}
}

// seconds writes a length of time under a key that says its unit.
func (t *tree) seconds(key string, d time.Duration) {
	if d > 0 {
		t.put(key, numberTree(int(d/time.Second)))
	}
}

func (h *HeartbeatMonitor) tree() (t tree) {
	t.text("name", h.Name)
	t.seconds("intervalSec", h.Interval)
	t.text("cron", h.Cron)
	if h.Cron != "" {
		t.text("timezone", cmp.Or(h.Timezone, DefaultTimezone))
	}
	t.seconds("gracePeriodSec", h.Grace)
	t.text("alertSummary", h.Summary)
	t.text("alertSource", h.Source)
	if h.Key != "" {
		t.put("integrationKey", secretTree(h.Key))
	}
	t.texts("teams", h.Teams)
	return t
}
