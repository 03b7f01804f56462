package main

import (
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
)

// firstUsers is the configuration of an installation that has none: one administrator,
// who is in the web chat.
func firstUsers() config.Set {
	return config.Set{Users: []config.User{{Username: "admin", FirstName: "Admin", Timezone: "Etc/UTC", Role: core.Admin,
		Email: "admin@localhost", Identities: map[string]string{"webchat": "admin"}}}}
}
