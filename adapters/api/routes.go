package api

import "github.com/watchbell/watchbell/core"

// routes is the one table of what can be asked for, and of what its caller must be
// allowed to do.
func (a *API) routes() []route {
	return []route{
		{"GET", "/alerts", core.OpView, (*call).listAlerts},
		{"POST", "/alerts", core.OpHandle, (*call).createAlert},
		{"GET", "/alerts/count", core.OpView, (*call).countAlerts},
		{"GET", "/alerts/{id}", core.OpView, (*call).readAlert},
		{"PUT", "/alerts/{id}/accept", core.OpHandle, (*call).accept},
		{"PUT", "/alerts/{id}/resolve", core.OpHandle, (*call).resolve},
		{"PUT", "/alerts/{id}/assign", core.OpHandle, (*call).assign},
		{"POST", "/alerts/{id}/responders", core.OpHandle, (*call).addResponder},
		{"DELETE", "/alerts/{id}/responders/{user}", core.OpHandle, (*call).removeResponder},
		{"GET", "/alerts/{id}/suggested-responders", core.OpView, (*call).suggestResponders},
		{"GET", "/alerts/{id}/log-entries", core.OpView, (*call).listLog},
		{"GET", "/alerts/{id}/notifications", core.OpView, (*call).listNotifications},
		{"GET", "/schedules/{id}/user-on-call", core.OpView, (*call).userOnCall},
		{"GET", "/on-calls", core.OpView, (*call).listOnCalls},
		{"GET", "/heartbeat-monitors", core.OpView, (*call).listHeartbeats},
		{"POST", "/heartbeat-monitors", core.OpModify, (*call).createHeartbeat},
		{"GET", "/heartbeat-monitors/{id}", core.OpView, (*call).readHeartbeat},
		{"PUT", "/heartbeat-monitors/{id}", core.OpModify, (*call).updateHeartbeat},
		{"DELETE", "/heartbeat-monitors/{id}", core.OpModify, (*call).deleteHeartbeat},
		{"GET", "/users/current", core.OpProfile, (*call).currentUser},
	}
}
