package core

import "time"

// Role is what a user may do anywhere; a team's role extends it inside the team.
type Role int8

const (
	Stakeholder Role = iota + 1
	Guest
	Responder
	RoleUser
	Admin
)

// AdminKey acts with the installation's admin key: the built-in user "admin". It is
// nobody, so it is never a responder and never paged.
const AdminKey UserID = -1

// AdminName is what logs and notes call AdminKey.
const AdminName = "admin"

// User is a person as we know them. Mute, linked accounts and preferences that no file
// set are the person's own, whatever made the rest.
type User struct {
	ID        UserID    `json:"id"`
	Username  string    `json:"username"`
	FirstName string    `json:"firstName"`
	LastName  string    `json:"lastName"`
	Email     string    `json:"email"`
	Timezone  string    `json:"timezone"` // IANA name
	Role      Role      `json:"role"`
	Position  string    `json:"position,omitempty"`
	Notify    []Notify  `json:"notify,omitempty"` // how a page reaches them; nil is DefaultNotify
	MutedTo   time.Time `json:"mutedUntil,omitzero"`
}

// Name is what people call the user: the first name, else the user name.
func (u User) Name() string {
	if u.FirstName != "" {
		return u.FirstName
	}
	return u.Username
}

// FullName is first and last name, else the user name.
func (u User) FullName() string {
	switch {
	case u.FirstName != "" && u.LastName != "":
		return u.FirstName + " " + u.LastName
	case u.FirstName != "":
		return u.FirstName
	}
	return u.Username
}

// Notify is one step of how a page reaches a person, counted from the moment the person
// is asked: one call after After, or Times calls, Every apart, following the step
// before. By names platforms; empty means every linked one.
type Notify struct {
	After time.Duration `json:"after,omitempty"`
	Every time.Duration `json:"every,omitempty"`
	Times int           `json:"times,omitempty"`
	By    []string      `json:"by,omitempty"`
}

// DefaultNotify pages at once and then every 2 minutes, 5 times more.
func DefaultNotify() []Notify {
	return []Notify{{}, {Every: 2 * time.Minute, Times: 5}}
}

// Team groups users and what they own.
type Team struct {
	ID      TeamID       `json:"id"`
	Name    string       `json:"name"`
	Private bool         `json:"private,omitempty"`
	Members []TeamMember `json:"members,omitempty"`
}

// TeamMember is a user in a team, with the role they have there (0: their own).
type TeamMember struct {
	User UserID `json:"user"`
	Role Role   `json:"role,omitempty"`
}

// Identity ties an account of a platform to a user. Account is opaque to all but the
// adapter that knows it.
type Identity struct {
	Platform string `json:"platform"`
	Account  string `json:"account"`
	User     UserID `json:"user"`
}
