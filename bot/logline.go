package bot

import (
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// logLine says one log entry. What is in it came from outside in part, and stays text.
func logLine(row store.LogRow) Text {
	v := logVars(row.Vars)
	switch row.Type {
	case core.LogCreatedByUser:
		return say("created by {}", who(row.User))
	case core.LogReceived:
		return plain("received")
	case core.LogAccepted:
		return dotted(say("accepted by {}", doer(row)), v.when("back {}", "eta"))
	case core.LogUnaccepted:
		return unacceptedLine(row, v)
	case core.LogResolved:
		return dotted(say("resolved by {}", doer(row)), v.text("“{}”", "comment"))
	case core.LogAutoResolved:
		return say("resolved: it was open for {}", v.value("after"))
	case core.LogCommentAdded:
		return say("{}: {}", doer(row), v.value("text"))
	case core.LogCommentBySystem:
		return say("{}: {}", plain(valueOr(row.Vars["creator"], valueOr(row.Vars["source"], "note"))), v.value("text"))
	case core.LogSnoozed:
		return append(say("snoozed by {}", doer(row)), v.when(" until {}", "until")...)
	case core.LogMerged:
		return append(append(plain("merged"), v.text(" into #{}", "into")...), v.text(" with #{}", "child")...)
	case core.LogNotification:
		return say("paged {} by {}, call {}", doer(row), v.value("by"), v.value("n"))
	case core.LogNotificationFailed:
		return append(append(say("could not page {}", doer(row)), v.text(" by {}", "by")...), say(": {}", v.value("reason"))...)
	}
	return stepLine(row, v)
}

// stepLine says entries about whom an alert goes to.
func stepLine(row store.LogRow, v logVars) Text {
	switch row.Type {
	case core.LogEscalated:
		return append(say("escalated to {}", escalatedTo(v)), escalatedWhy(row, v)...)
	case core.LogEscalationEnded:
		return plain("everybody was paged and nobody accepted")
	case core.LogLastResort:
		return say("the last resort is {}", v.value("to"))
	case core.LogNobodyOnCall:
		return append(plain("nobody is on call"), append(v.text(" for level {}", "level"), v.text(": {} is empty", "schedules")...)...)
	case core.LogAssignedByUser, core.LogAssignedToSchedule, core.LogAssignedToPolicy:
		return append(say("given to {}", v.value("to")), say(" by {}", doer(row))...)
	case core.LogAssignedBySystem:
		return say("asks {}", v.value("to"))
	case core.LogResponderAdded:
		return say("{} was asked, too, by {}", v.value("to"), doer(row))
	case core.LogResponderRemoved:
		return say("{} is not asked any more", v.value("from"))
	case core.LogRaisedByUser:
		return say("raised to HIGH by {}", doer(row))
	case core.LogRaisedBySystem:
		return plain("raised to HIGH")
	case core.LogSeverityRaised:
		return append(plain("is more severe"), v.text(": now SEV{}", "to")...)
	case core.LogWoken:
		return plain("is awake again")
	case core.LogAsked:
		return say("asked {}: still on it?", v.value("to"))
	case core.LogPolicyChanged:
		return plain("its policy was changed")
	case core.LogCallLimit:
		return say("was called about {} times: there are no more calls", v.value("calls"))
	}
	return plain(string(row.Type))
}

func unacceptedLine(row store.LogRow, v logVars) Text {
	if row.User != 0 {
		return say("handed back by {}", who(row.User))
	}
	return append(say("taken back from {}", v.value("from")), v.text(": no answer in {}", "after")...)
}

func escalatedTo(v logVars) Text {
	if v["to"] == "" {
		return say("level {}", v.value("level"))
	}
	return say("{} (level {})", v.value("to"), v.value("level"))
}

// escalatedWhy says who let it go on, or who did not answer.
func escalatedWhy(row store.LogRow, v logVars) Text {
	switch {
	case row.User != 0:
		return say(" by {}", who(row.User))
	case v["from"] != "" && v["reason"] == "timeout" && v["after"] != "":
		return say(": {} did not answer in {}", v.value("from"), v.value("after"))
	case v["from"] != "" && v["reason"] == "unreachable":
		return say(": {} could not be reached", v.value("from"))
	case v["reason"] == "hand-back":
		return plain(": it was handed back")
	}
	return nil
}

// doer is who did it, or the monitor.
func doer(row store.LogRow) Text {
	if row.User != 0 {
		return who(row.User)
	}
	return plain(valueOr(row.Vars["source"], "the monitor"))
}

// logVars are an entry's variables.
type logVars map[string]string

func (v logVars) value(name string) Text {
	const longest = 300
	return plain(cut(oneLine(valueOr(v[name], "?")), longest))
}

// text says a sentence if its variable is there.
func (v logVars) text(sentence, name string) Text {
	if v[name] == "" {
		return nil
	}
	return say(sentence, v.value(name))
}

// when says a sentence if its variable is there and an instant.
func (v logVars) when(sentence, name string) Text {
	t, err := time.Parse(time.RFC3339, v[name])
	if err != nil {
		return nil
	}
	return say(sentence, clock(t))
}

func valueOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
