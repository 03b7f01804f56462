package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

type checkCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"files, directories or - [$WATCHBELL_CONFIG]"`
	JSON  bool     `name:"json" help:"print findings as JSON"`
}

func (c *checkCmd) Run(a *app) error {
	files, err := a.readFiles(c.Files)
	if err != nil {
		return err
	}
	set, problems := parseFiles(files, nil)
	if c.JSON {
		if err := printFindings(a, problems, set.Warnings); err != nil {
			return err
		}
	} else {
		for _, p := range problems {
			fmt.Fprintln(a.out, p)
		}
		for _, w := range set.Warnings {
			fmt.Fprintf(a.err, "%s (warning)\n", w)
		}
	}
	if len(problems) > 0 {
		return exit(exitFindings)
	}
	if !c.JSON {
		fmt.Fprintf(a.err, "fine: %s\n", counts(set))
	}
	return nil
}

// finding is one problem for scripts.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"`
	Text    string `json:"text"`
	Warning bool   `json:"warning,omitempty"`
}

func printFindings(a *app, problems, warnings []config.Problem) error {
	list := []finding{}
	for _, p := range problems {
		list = append(list, finding{p.File, p.Line, p.Column, p.Path, p.Text, false})
	}
	for _, p := range warnings {
		list = append(list, finding{p.File, p.Line, p.Column, p.Path, p.Text, true})
	}
	return json.NewEncoder(a.out).Encode(list)
}

func counts(s config.Set) string {
	return strings.Join([]string{count(len(s.Users), "user", "users"), count(len(s.Teams), "team", "teams"),
		count(len(s.Schedules), "schedule", "schedules"), count(len(s.Policies), "escalation policy", "escalation policies"),
		count(len(s.Sources), "alert source", "alert sources")}, ", ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

type applyCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"files, directories or - [$WATCHBELL_CONFIG]"`
	Plan  bool     `help:"print the difference only; exit 3 if there is one"`
	Prune bool     `help:"delete what the files no longer name"`
}

func (c *applyCmd) Run(a *app) error {
	with := a.withNewEngine
	if c.Plan {
		with = a.withEngine
	}
	files, err := a.readFiles(c.Files) // before a database is made for nothing
	if err != nil {
		return err
	}
	return with(func(ctx context.Context, e *engine.Engine) error {
		want, err := a.parse(files, e.Snapshot().Config())
		if err != nil {
			return err
		}
		plan, err := e.Plan(ctx, want, config.DiffOptions{Prune: c.Prune, Folders: folders(c.Files)})
		if err != nil {
			return err
		}
		if plan.Empty() {
			fmt.Fprintln(a.err, "nothing to change")
		} else {
			fmt.Fprint(a.out, plan)
		}
		switch {
		case c.Plan && !plan.Empty():
			return exit(exitDiffers)
		case c.Plan:
			return nil
		}
		if err := e.ApplyPlan(ctx, plan, "cli"); err != nil {
			return err
		}
		fmt.Fprintf(a.err, "applied to %s\n", e.DB)
		return nil
	})
}

type exportCmd struct{}

func (exportCmd) Run(a *app) error {
	return a.withEngine(func(_ context.Context, e *engine.Engine) error {
		text, err := config.Export(e.Snapshot().Config())
		if err != nil {
			return err
		}
		_, err = a.out.Write(text)
		return err
	})
}

// applyAtStart applies a file when its content has never been applied to this database.
// One that was applied before, and is not what is there now, is only warned about: a git
// revert must not silently undo what somebody did since.
//
// Replicas that start together all try; who comes second finds it applied.
func applyAtStart(ctx context.Context, e *engine.Engine, want config.Set, log *slog.Logger) error {
	for tries := 0; ; tries++ {
		err := applyOnce(ctx, e, want, log)
		if core.KindOf(err) != core.Conflict || tries == 20 || !wait(ctx, 100*time.Millisecond) {
			return err
		}
	}
}

func applyOnce(ctx context.Context, e *engine.Engine, want config.Set, log *slog.Logger) error {
	plan, err := e.Plan(ctx, want, config.DiffOptions{})
	if err != nil {
		return err
	}
	at, err := e.Applied(ctx, want.Hash)
	if err != nil {
		return err
	}
	if !at.IsZero() {
		if !plan.Empty() {
			log.Warn("the configuration file was applied before and differs from what is there now; apply it by hand",
				"applied", at.Format(time.RFC3339), "changes", len(plan.Changes))
		}
		return nil
	}
	if err := e.ApplyPlan(ctx, plan, "file"); err != nil {
		return err
	}
	log.Info("applied the configuration file", "changes", len(plan.Changes))
	return nil
}
