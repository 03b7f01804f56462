package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

type doctorCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"also look at these configuration files"`
	JSON  bool     `name:"json" help:"print findings as JSON"`
}

// ailment is one thing that is wrong, and who can mend it.
type ailment struct {
	What string `json:"what"`
	Who  string `json:"who"`
	Do   string `json:"do"`
}

func (c *doctorCmd) Run(a *app) error {
	var found []ailment
	err := a.withEngine(func(ctx context.Context, e *engine.Engine) error {
		if err := e.DB.Ping(ctx); err != nil {
			found = append(found, ailment{"the database cannot be written to: " + err.Error(), "the operator", "Look at its disk and rights."})
		}
		found = append(found, people(e.Snapshot())...)
		found = append(found, nobody(e)...)
		if len(c.Files) > 0 {
			files, err := a.readFiles(c.Files)
			if err != nil {
				return err
			}
			want, err := a.parse(files, e.Snapshot().Config())
			if errors.As(err, new(exit)) {
				found = append(found, ailment{"the configuration files have problems", "whoever edits them", "Run: watchbell check " + c.Files[0]})
				return nil
			}
			if err != nil {
				return err
			}
			plan, err := e.Plan(ctx, want, config.DiffOptions{})
			if err != nil {
				return err
			}
			if !plan.Empty() {
				found = append(found, ailment{"the files differ from what is there", "whoever edits them", "See it with: watchbell apply --plan " + c.Files[0]})
			}
		}
		orphans, err := e.Audit(ctx)
		for _, o := range orphans {
			found = append(found, ailment{o, "the operator", "This is a fault of the program: keep the database and report it."})
		}
		if err == nil {
			fmt.Fprintf(a.err, "%s: %d users, %d sources\n", e.DB, len(e.Snapshot().Users), len(e.Snapshot().Sources))
		}
		return err
	})
	if err != nil {
		found = append(found, ailment{err.Error(), "the operator", "Look at --database and WATCHBELL_SECRET."})
	}
	return c.print(a, found)
}

func (c *doctorCmd) print(a *app, found []ailment) error {
	if c.JSON {
		if err := json.NewEncoder(a.out).Encode(append([]ailment{}, found...)); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			fmt.Fprintf(a.out, "%s\n    %s can mend it. %s\n", f.What, f.Who, f.Do)
		}
	}
	if len(found) > 0 {
		return exit(exitFindings)
	}
	fmt.Fprintln(a.err, "fine: nothing found")
	return nil
}

// people finds users whom an escalation may name and no page can reach.
func people(s *engine.Snapshot) (found []ailment) {
	for id := range mayBePaged(s) {
		if u := s.Users[id]; len(s.Person(id).Platforms) == 0 {
			found = append(found, ailment{fmt.Sprintf("%s (%s) is on call and cannot be paged: no chat account is linked", u.FullName(), u.Username),
				u.Name() + " or an ADMIN", "Add identities in the configuration, or link with /watchbell link."})
		}
	}
	slices.SortFunc(found, func(a, b ailment) int { return strings.Compare(a.What, b.What) })
	return found
}

// mayBePaged are the users that the rules of some policy mean, now or at another time.
func mayBePaged(s *engine.Snapshot) map[core.UserID]bool {
	users := map[core.UserID]bool{}
	for _, p := range s.Policies {
		for _, r := range p.Rules {
			for _, u := range r.Users {
				users[u] = true
			}
			for _, t := range r.Teams {
				for _, m := range s.Teams[t].Members {
					if max(m.Role, s.Users[m.User].Role) >= core.Responder {
						users[m.User] = true
					}
				}
			}
			for _, id := range r.Schedules {
				inSchedule(s.Schedules[id].Schedule, users)
			}
		}
	}
	return users
}

func inSchedule(sch schedules.Schedule, users map[core.UserID]bool) {
	for _, l := range sch.Layers {
		for _, u := range l.Users {
			users[u] = true
		}
	}
	for _, shift := range sch.Shifts {
		users[shift.User] = true
	}
}

// nobody finds policies that would page nobody but the last resort right now.
func nobody(e *engine.Engine) (found []ailment) {
	s := e.Snapshot()
	for _, p := range s.Policies {
		empty := true
		for _, l := range s.Levels(p, e.Now()) {
			for _, b := range l.People {
				empty = empty && len(s.Person(b.User).Platforms) == 0
			}
		}
		if empty {
			found = append(found, ailment{fmt.Sprintf("nobody who can be paged is on call for policy %s now", p.Name), "whoever plans its schedules", "Add a layer or an override."})
		}
	}
	slices.SortFunc(found, func(a, b ailment) int { return strings.Compare(a.What, b.What) })
	return found
}
