package normalize

import (
	"cmp"

	"github.com/watchbell/watchbell/core"
)

// checkmk reads what notification scripts post: a hand-made body in small letters, or the
// whole context of the notification, which is what Checkmk's own plug-in sends. The key
// is the host or service within its site.
//
// https://docs.checkmk.com/latest/en/notifications.html
var checkmk = Spec{
	Is:    []string{"notification_type", "NOTIFICATIONTYPE", "check_command", "HOSTNAME"},
	State: []string{"notification_type", "NOTIFICATIONTYPE", "status", "SERVICESTATE", "HOSTSTATE"},
	Words: map[string]core.EventType{
		"recovery":          core.EventResolve,
		"ok":                core.EventResolve,
		"up":                core.EventResolve,
		"acknowledgement":   core.EventAccept,
		"downtimestart":     0,
		"downtimeend":       0,
		"downtimecancelled": 0,
		"flappingstop":      0,
		"flappingdisabled":  0,
	},
	Else: core.EventAlert, // PROBLEM, FLAPPINGSTART (which mutes the rest), CUSTOM
	Key: []Part{
		{Paths: []string{"site", "OMD_SITE"}},
		{Paths: []string{"host", "HOSTNAME"}, Must: true},
		{Paths: []string{"service", "SERVICEDESC"}},
	},
	Summary: []string{"summary"},
	Line:    checkmkLine,
	Details: []string{"long_output", "LONGSERVICEOUTPUT", "LONGHOSTOUTPUT", "output", "SERVICEOUTPUT", "HOSTOUTPUT"},
	Urgency: []string{"PARAMETER_ILERT_PRIORITY", "severity", "status", "SERVICESTATE", "HOSTSTATE"},
	Labels: []string{"what", "host", "service", "site", "address", "event", "check_command",
		"HOSTNAME", "HOSTADDRESS", "SERVICEDESC", "OMD_SITE"},
	Links: []Place{{"url", "Checkmk"}, {"SERVICEURL", "Checkmk"}, {"HOSTURL", "Checkmk"}},
}

// checkmkLine is "db-3/CPU load is CRIT: 15 min load 41".
func checkmkLine(v Value) string {
	line := v.First("host", "HOSTNAME")
	if service := v.First("service", "SERVICEDESC"); service != "" {
		line += "/" + service
	}
	if state := v.First("status", "SERVICESTATE", "HOSTSTATE"); state != "" {
		line += " is " + state
	}
	if output := cmp.Or(v.First("output", "SERVICEOUTPUT"), v.First("HOSTOUTPUT")); output != "" {
		line += ": " + output
	}
	return line
}
