package core

// Ids come from the database. They are numbers because the API's clients decode
// integers and people type them ("/alert accept 1234"), and typed because a user's id
// must never be taken for an alert's.
type (
	AlertID        int64
	EventID        int64
	UserID         int64
	TeamID         int64
	SourceID       int64
	PolicyID       int64
	ScheduleID     int64
	SupportHoursID int64
	MaintenanceID  int64
	ConversationID int64
	HeartbeatID    int64
)
