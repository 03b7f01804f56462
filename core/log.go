package core

// EntryType names a log entry. On the API it carries the suffix LogEntry.
type EntryType string

const (
	LogCreatedByUser      EntryType = "AlertCreatedByUser"
	LogReceived           EntryType = "AlertReceived"
	LogAccepted           EntryType = "AlertAccepted"
	LogUnaccepted         EntryType = "AlertUnaccepted"
	LogResolved           EntryType = "AlertResolved"
	LogAutoResolved       EntryType = "AlertAutoResolved"
	LogEscalated          EntryType = "AlertEscalatedToLevel"
	LogEscalationEnded    EntryType = "AlertEscalationEnded"
	LogAssignedByUser     EntryType = "AlertAssignedByUser"
	LogAssignedBySystem   EntryType = "AlertAssignedBySystem"
	LogAssignedToPolicy   EntryType = "AlertAssignedToPolicy"
	LogAssignedToSchedule EntryType = "AlertAssignedToSchedule"
	LogRaisedByUser       EntryType = "AlertRaisedByUser"
	LogRaisedBySystem     EntryType = "AlertRaisedBySystem"
	LogCommentAdded       EntryType = "AlertCommentAdded"
	LogCommentBySystem    EntryType = "AlertCommentAddedBySystem"
	LogResponderAdded     EntryType = "AlertResponderAdded"
	LogResponderRemoved   EntryType = "AlertResponderRemoved"
	LogSnoozed            EntryType = "AlertSnoozed"
	LogWoken              EntryType = "AlertWoken"
	LogMerged             EntryType = "AlertMerged"
	LogAsked              EntryType = "AlertStillOnItAsked"
	LogNotification       EntryType = "Notification" // one call: vars by, n, because…
	LogNotificationFailed EntryType = "NotificationFailed"
	LogNobodyOnCall       EntryType = "NobodyOnCall"
	LogPolicyChanged      EntryType = "AlertPolicyChanged"
	LogSeverityRaised     EntryType = "AlertSeverityRaised"        // by an event: vars from, to
	LogLastResort         EntryType = "AlertAssignedToLastResort"  // vars to, claim
	LogCallLimit          EntryType = "AlertNotificationsExceeded" // MaxCalls were made; there are no more
)

// Entry is one line of an alert's log. Vars is kept as it is and read back by name;
// values are plain text, ids in decimal, times in RFC 3339.
type Entry struct {
	Type      EntryType
	User      UserID // who did it, or whom it concerns; 0: the machine
	Vars      map[string]string
	Thread    bool // shown as a line beside the card
	Broadcast bool // also told once to the whole conversation
}
