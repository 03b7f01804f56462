package api

import "github.com/watchbell/watchbell/core"

func (c *call) currentUser() (answer, error) {
	b := fullUser(c.who.user)
	b.ID = max(b.ID, 0) // the built-in admin is nobody's row
	b.Role = c.who.Role // what this key may do, which is not more than its user
	return ok(b), nil
}

// userBody is a user inside another object. One who is gone is known by the id only.
func (c *call) userBody(id core.UserID) userBody {
	u := c.snap.Users[id]
	return userBody{ID: id, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName}
}

func fullUser(u core.User) userBody {
	return userBody{ID: u.ID, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
		Email: u.Email, Timezone: u.Timezone, Position: u.Position, Role: u.Role, MutedUntil: stamp{u.MutedTo}}
}
