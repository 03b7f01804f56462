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
		{"GET", "/schedules/{id}/overrides", core.OpView, (*call).listOverrides},
		{"POST", "/schedules/{id}/overrides", core.OpOverrideSelf, (*call).makeOverride},
		{"PUT", "/schedules/{id}/overrides", core.OpOverrideSelf, (*call).makeOverride},
		{"DELETE", "/schedules/{id}/overrides/{oid}", core.OpOverrideSelf, (*call).cancelOverride},
		{"GET", "/coverage-requests", core.OpCover, (*call).listCovers},
		{"POST", "/coverage-requests", core.OpCover, (*call).askCover},
		{"GET", "/coverage-requests/{id}", core.OpCover, (*call).readCover},
		{"PUT", "/coverage-requests/{id}/accept", core.OpCover, (*call).acceptCover},
		{"POST", "/coverage-requests/{id}/accept", core.OpCover, (*call).acceptCover},
		{"PUT", "/coverage-requests/{id}/decline", core.OpCover, (*call).declineCover},
		{"POST", "/coverage-requests/{id}/decline", core.OpCover, (*call).declineCover},
		{"PUT", "/coverage-requests/{id}/cancel", core.OpCover, (*call).cancelCover},
		{"POST", "/coverage-requests/{id}/cancel", core.OpCover, (*call).cancelCover},
		{"GET", "/on-calls", core.OpView, (*call).listOnCalls},
		{"GET", "/heartbeat-monitors", core.OpView, (*call).listHeartbeats},
		{"POST", "/heartbeat-monitors", core.OpModify, (*call).createHeartbeat},
		{"GET", "/heartbeat-monitors/{id}", core.OpView, (*call).readHeartbeat},
		{"PUT", "/heartbeat-monitors/{id}", core.OpModify, (*call).updateHeartbeat},
		{"DELETE", "/heartbeat-monitors/{id}", core.OpModify, (*call).deleteHeartbeat},
		{"GET", "/maintenance-windows", core.OpView, (*call).listMaintenance},
		{"POST", "/maintenance-windows", core.OpModify, (*call).createMaintenance},
		{"GET", "/maintenance-windows/{id}", core.OpView, (*call).readMaintenance},
		{"PUT", "/maintenance-windows/{id}", core.OpModify, (*call).updateMaintenance},
		{"DELETE", "/maintenance-windows/{id}", core.OpModify, (*call).deleteMaintenance},
		{"GET", "/support-hours", core.OpView, (*call).listHours},
		{"POST", "/support-hours", core.OpModify, (*call).createHours},
		{"GET", "/support-hours/name/{name}", core.OpView, (*call).findHours},
		{"GET", "/support-hours/{id}", core.OpView, (*call).readHours},
		{"PUT", "/support-hours/{id}", core.OpModify, (*call).updateHours},
		{"DELETE", "/support-hours/{id}", core.OpModify, (*call).deleteHours},
		{"GET", "/users/current", core.OpProfile, (*call).currentUser},
	}
}
