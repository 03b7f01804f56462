package webchat_test

import (
	"time"

	"github.com/watchbell/watchbell/bot"
)

// The cards of the layouts, by hand: what the bot shows in each state.

func act(action, label string, style bot.Style) bot.Action {
	return bot.Action{Action: action, Label: label, Style: style}
}

func menu(id string, labels ...string) (all []bot.Action) {
	for _, l := range labels {
		all = append(all, bot.Action{Action: "more:" + id, Label: l, Menu: true})
	}
	return all
}

const sureToResolve = "Resolve #1234? Paging stops for everyone and it cannot be reopened."

func resolveFirst(id string) bot.Action {
	return bot.Action{Action: "resolve:" + id, Label: "Resolve…", Style: bot.Danger, Confirm: sureToResolve}
}

func pendingCard(at time.Time) bot.Card {
	return bot.Card{
		Alert: 1234, Tone: bot.TonePending,
		Plain:    "db-3 disk 96 % (payments) is pending: accept by 03:09 or Ben is paged. #1234",
		Headline: plain("🔴 Pending: db-3 disk 96 %"),
		Lines: []bot.Text{
			{{Text: "Paging Ana (level 1 of 3) since "}, {Time: at}, {Text: " · next Ben at "}, {Time: at.Add(5 * time.Minute)}},
			plain("HIGH · SEV2 · ×3"),
		},
		Fields: []bot.Field{{Name: "Instance", Value: plain("db-3:9100")}, {Name: "Mount", Value: plain("/var")}, {Name: "Team", Value: plain("payments")}},
		Links: []bot.Link{{Text: "Runbook", Href: "https://wiki.example.com/runbooks/db"}, {Text: "Graph", Href: "https://grafana.example.com/d/1"},
			{Text: "Silence", Href: "https://alertmanager.example.com/#/silences"}},
		Footer: plain("#1234 · PENDING · prometheus"),
		Actions: append([]bot.Action{act("accept:1234", "Accept", bot.Primary), act("escalate:1234", "Escalate to Ben", bot.Default),
			act("snooze:1234", "Snooze…", bot.Default), resolveFirst("1234")}, menu("1234", "Assign…", "Add people…", "Comment…", "Why paged?")...),
	}
}

func pageCard(at time.Time) bot.Card {
	c := pendingCard(at)
	c.Lines[0] = bot.Text{{Text: "You are on call (payments-primary until "}, {Time: at.Add(6 * time.Hour), Layout: bot.DateTime},
		{Text: "). Accept by "}, {Time: at.Add(5 * time.Minute)}, {Text: " or Ben is paged."}}
	c.Actions = append([]bot.Action{act("accept:1234", "Accept", bot.Primary), act("back:1234", "Accept, back in 15m", bot.Default),
		act("escalate:1234", "Escalate to Ben", bot.Default), resolveFirst("1234")}, menu("1234", "Assign…", "Why paged?")...)
	return c
}

func acceptedCard(at time.Time) bot.Card {
	return bot.Card{
		Alert: 1231, Tone: bot.ToneAccepted, Plain: "Ana has it: checkout is slow. #1231 accepted",
		Headline: plain("🟠 Ana has it: checkout p99 over 4 s"),
		Lines:    []bot.Text{{{Text: "Accepted "}, {Time: at}, {Text: " (1 min) · back "}, {Time: at.Add(15 * time.Minute)}, {Text: " · with Ben ✓ · latest note: “growing volume”"}}},
		Footer:   plain("#1231 · ACCEPTED · grafana"),
		Actions: append([]bot.Action{act("assign:1231", "Hand over…", bot.Default), act("comment:1231", "Comment…", bot.Default),
			act("snooze:1231", "Snooze…", bot.Default), act("resolve:1231", "Resolve", bot.Danger)}, menu("1231", "Back in…", "Hand back", "Add people…", "Why paged?", "More…")...),
	}
}

func snoozedCard(at time.Time) bot.Card {
	return bot.Card{
		Alert: 1229, Tone: bot.ToneSnoozed, Headline: plain("💤 Snoozed until 09:00 by Ana: certificate expires in 9 days"),
		Lines: []bot.Text{plain("Wakes if the severity rises · holds if it fires again")}, Footer: plain("#1229 · PENDING · checkly"),
		Actions: append([]bot.Action{act("wake:1229", "Wake now", bot.Default), act("change:1229", "Change…", bot.Default),
			act("comment:1229", "Comment…", bot.Default), act("resolve:1229", "Resolve", bot.Danger)}, menu("1229", "Why paged?")...),
	}
}

func resolvedCard() bot.Card {
	return bot.Card{
		Alert: 1219, Tone: bot.ToneResolved,
		Headline: plain("✅ Resolved: db-1 replication lag 40 s · 18 min · accepted by Ana in 1 min · by prometheus · #1219"),
		Actions:  []bot.Action{act("show:1219", "Show", bot.Default), act("again:1219", "Again", bot.Default)},
	}
}

func nobodyCard() bot.Card {
	return bot.Card{
		Alert: 1235, Tone: bot.TonePending, Headline: plain("⚠️ Pending, nobody on call: queue of invoices is stuck"),
		Lines: []bot.Text{plain("payments-primary is empty until 09:00 · last resort: Ana (admin) paged 03:04")}, Footer: plain("#1235 · PENDING · prometheus"),
		Actions: append([]bot.Action{act("accept:1235", "Accept", bot.Primary), act("assign:1235", "Assign…", bot.Default),
			act("override:1235", "Override…", bot.Default), resolveFirst("1235")}, menu("1235", "Comment…", "Why paged?")...),
	}
}

func coverCard() bot.Card {
	return bot.Card{
		Cover: 3, Headline: plain("🗓️ Cleo asks you: payments-primary Sat 20:00 – Sun 08:00 CET (12 h, 1 night) · c3"),
		Lines: []bot.Text{plain("“Concert.” · You are on call until Sat 20:00: 36 h in a row ⚠ · open until Sun 08:00")},
		Actions: []bot.Action{act("cover.accept:3", "Accept", bot.Primary), act("cover.part:3", "Take part…", bot.Default),
			act("cover.decline:3", "Decline…", bot.Danger)},
	}
}

func snoozeForm() bot.Form {
	return bot.Form{ID: "snooze:1234", Title: "Snooze #1234: db-3 disk 96 %", Fields: []bot.FormField{
		{Name: "time", Label: "Until", Kind: bot.TextField, Required: true, Value: "2h", Hint: "2h, 18:00, tomorrow 09:00"},
		{Name: "target", Label: "Tell", Kind: bot.Select, Options: []bot.Option{{Value: "ana", Label: "Ana Silva"}, {Value: "ben", Label: "Ben Okoye"}}},
		{Name: "comment", Label: "Comment", Kind: bot.TextArea},
	}}
}
