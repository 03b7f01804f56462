package normalize

import "github.com/watchbell/watchbell/core"

// rollbar: an item is one kind of error in one environment; its id is the key.
//
// https://docs.rollbar.com/docs/webhooks
var rollbar = Spec{
	Is:    []string{"event_name"},
	State: []string{"event_name"},
	Words: map[string]core.EventType{
		"resolved_item": core.EventResolve,
		"deploy":        0,
		"test":          0,
	},
	Else:    core.EventAlert,
	Key:     []Part{{Paths: []string{"data.item.id", "data.item.hash"}, Must: true}},
	Summary: []string{"data.item.title", "data.item.last_occurrence.body.message.body", "event_name"},
	Details: []string{"data.item.last_occurrence.body.message.body"},
	Urgency: []string{"data.item.level", "data.item.last_occurrence.level"},
	Levels:  map[string]string{"50": "critical", "40": "error", "30": "warning", "20": "info", "10": "debug"},
	Labels:  []string{"event_name", "data.item.environment", "data.item.project_id", "data.item.counter", "data.item.total_occurrences"},
	Links:   []Place{{"data.url", "Item"}, {"data.item.url", "Item"}},
}
