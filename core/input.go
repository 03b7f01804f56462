package core

import "time"

// Input is something that happens to an alert. The set is closed; Apply says what each
// does in each state.
type Input interface{ input() }

type (
	// EventArrived is an event that Route found to belong to this alert; on Alert{} it is
	// the alert's birth.
	EventArrived struct {
		ID    EventID
		Event Event
	}

	// Due is the alert's timer. With an epoch that is not the alert's it does nothing.
	Due struct{ Epoch int64 }

	// Accept makes By a responder who has it. For moves the moment at which they are
	// asked whether they are still on it, and is what they promised; 0 promises nothing.
	// What somebody else has already they join, unless they wanted it only for themselves:
	// then it is a Conflict with the code TAKEN, and of two at once one wins.
	Accept struct {
		By   UserID
		For  time.Duration
		Only bool
	}

	// Unaccept hands the alert back.
	Unaccept struct{ By UserID }

	// Resolve ends the alert.
	Resolve struct {
		By      UserID
		Comment string
	}

	// Raise makes a LOW alert HIGH and escalates it from level 1. By 0 is the clock.
	Raise struct{ By UserID }

	// Escalate starts the next level, or Level if it is not 0.
	Escalate struct {
		By    UserID
		Level int
	}

	// Assign gives the alert to a user (nothing escalates then), to whoever is on call on
	// a schedule (Calls, asked by the caller at Env.Now), or to a policy (Env.Policy and
	// Env.Levels are that policy's), which starts at level 1.
	Assign struct {
		By       UserID
		User     UserID
		Schedule ScheduleID
		Policy   PolicyID
		Calls    []Because // for a schedule: whom, and why
	}

	// AddResponder asks one more user; RemoveResponder stops asking one.
	AddResponder struct{ By, User UserID }

	// RemoveResponder takes a user off the alert.
	RemoveResponder struct{ By, User UserID }

	// Comment is a note by a person, or by the source if By is 0.
	Comment struct {
		By      UserID
		Creator string // shown when By is 0
		Text    string
	}

	// Snooze holds levels and calls until then; Wake ends it early. On a key it holds for
	// alerts born later, too.
	Snooze struct {
		By    UserID
		Until time.Time
	}

	// Wake ends a snooze.
	Wake struct{ By UserID }

	// Merge makes the alert part of Into; Absorb is the same, told to the main alert.
	Merge struct {
		By   UserID
		Into AlertID
	}

	// Absorb notes on the main alert that Child is part of it now.
	Absorb struct {
		By    UserID
		Child AlertID
	}

	// MainResolved resolves a merged alert because its main alert was.
	MainResolved struct{ By UserID }

	// CallFailed: a platform did not take call N of a user within 30 s, or never will.
	CallFailed struct {
		User     UserID
		Platform string
		N        int
		Reason   string
		Others   bool // another platform took the same call, or still may
	}
)

func (EventArrived) input()    {}
func (Due) input()             {}
func (Accept) input()          {}
func (Unaccept) input()        {}
func (Resolve) input()         {}
func (Raise) input()           {}
func (Escalate) input()        {}
func (Assign) input()          {}
func (AddResponder) input()    {}
func (RemoveResponder) input() {}
func (Comment) input()         {}
func (Snooze) input()          {}
func (Wake) input()            {}
func (Merge) input()           {}
func (Absorb) input()          {}
func (MainResolved) input()    {}
func (CallFailed) input()      {}

// Env is the world at Now, as data: core asks no calendar and no database. The engine
// fills it anew for every Apply.
type Env struct {
	Now         time.Time
	Source      Source
	Policy      Policy // the alert's policy as it is now, which counts even if it was edited meanwhile
	Levels      []Level
	LastResort  []Because         // never empty while anybody can be paged at all
	People      map[UserID]Person // everybody who may be named: responders, levels, last resort, actors
	InHours     bool              // Source.SupportHours contain Now
	Snoozed     time.Time         // until when (source, key) is snoozed; zero: it is not
	SnoozedBy   UserID
	SnoozedAs   int  // the severity of what was snoozed; 0: it had none
	Maintenance bool // the source is in maintenance: no alert is born
}

// Level is one escalation rule with the people it means at Env.Now. No people: it falls
// through at once.
type Level struct {
	Timeout time.Duration
	People  []Because
	Empty   []string // names of schedules that have nobody now
}

// Because is why a person is asked: which rule, through which schedule's claim, until
// when. It is the answer to "why was I paged?".
type Because struct {
	User     UserID    `json:"user"`
	Rule     int       `json:"rule,omitempty"`     // 1-based level; 0: by hand or last resort
	Schedule string    `json:"schedule,omitempty"` // its name
	Claim    string    `json:"claim,omitempty"`    // "layer week", "override o7", "direct", "last resort: …", ClaimAssigned, …
	Until    time.Time `json:"until,omitzero"`     // the end of the shift
}

// What Apply itself says as a Claim, when no calendar names the person. Who assigned or
// added them is in the log's own entry.
const (
	ClaimAssigned = "assigned"        // the alert is theirs alone to take
	ClaimAdded    = "added by hand"   // one more, beside those of the policy
	ClaimAccepted = "has accepted it" // asked whether they are still on it
)

// Person is what Apply must know of a user.
type Person struct {
	User      UserID
	Name      string   // for log and notes
	Role      Role     // the highest they have, anywhere or in a team
	Platforms []string // on which they can be paged, in the order of configuration
	Notify    []Notify // never empty
	MutedTo   time.Time
}

// Effect is work that Apply wants done after its decision is stored. The set is closed;
// the alert's timer is Alert.NextAt, not an effect.
type Effect interface{ effect() }

type (
	// Page is call N of the alert to a user, made once on each platform in By.
	Page struct {
		User UserID
		By   []string
		N    int
	}

	// Show brings every conversation that shows the alert to its present state, not
	// before NotBefore. One that is asked for earlier is not put off by a later one.
	Show struct{ NotBefore time.Time }
)

func (Page) effect() {}
func (Show) effect() {}

// Decision is what Apply wants: the alert as it shall be, what its log gains, what is to
// be done, and, when nothing happened, why.
type Decision struct {
	Alert   Alert
	Log     []Entry
	Effects []Effect
	Outcome Outcome // for EventArrived
	Note    string  // why nothing happened, or what the person should know
	Changed bool    // false: nothing to store
}
