package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/watchbell/watchbell/core"
)

// Exit codes of every command.
const (
	exitFine     = 0
	exitFindings = 1 // something is wrong, and it was said
	exitUsage    = 2 // the command line is wrong
	exitDiffers  = 3 // apply --plan: there is a difference
)

// getenv looks an environment variable up.
type getenv func(name string) (string, bool)

// globals are what many commands share. A flag's variable may also be given as NAME_FILE,
// which names a file with the value.
type globals struct {
	Database  string `var:"WATCHBELL_DATABASE" default:"sqlite:watchbell.db" placeholder:"DSN" help:"sqlite:FILE or postgres://… [$WATCHBELL_DATABASE]"`
	PublicURL string `var:"WATCHBELL_PUBLIC_URL" name:"public-url" placeholder:"URL" help:"where people reach this server; its path is the base path [$WATCHBELL_PUBLIC_URL]"`
	LogFormat string `var:"WATCHBELL_LOG_FORMAT" name:"log-format" enum:"auto,text,json" default:"auto" help:"text or json; auto is text on a terminal [$WATCHBELL_LOG_FORMAT]"`
}

type cli struct {
	globals

	Serve       serveCmd       `cmd:"" help:"Run the service."`
	Demo        demoCmd        `cmd:"" help:"Serve an example team with the web chat and a story; nothing to set up."`
	Check       checkCmd       `cmd:"" help:"Validate configuration files: every problem with its line and column."`
	Apply       applyCmd       `cmd:"" help:"Apply configuration files to a database."`
	Export      exportCmd      `cmd:"" help:"Print the configuration that is there as YAML."`
	Doctor      doctorCmd      `cmd:"" help:"Say what is wrong, and who can mend it."`
	Test        testCmd        `cmd:"" help:"Send a test page to a @person and print each hop; nobody else is paged."`
	Key         keyCmd         `cmd:"" help:"Create, list and revoke API keys."`
	Signin      signinCmd      `cmd:"" help:"Print a one-time sign-in link to the web chat."`
	Bench       benchCmd       `cmd:"" help:"Generate load against a running service."`
	Healthcheck healthcheckCmd `cmd:"" help:"Exit 0 if the service on --listen is alive and ready."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// app is what a command runs with.
type app struct {
	ctx context.Context
	env getenv
	streams
	globals
	piped []byte // what was read from the standard input, which can be read once
}

// exit is an error that only chooses the exit code; what it is about was said already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, env getenv, s streams) int {
	var c cli
	parser, err := kong.New(&c,
		kong.Name("watchbell"),
		kong.Description("Alerting, escalation and on-call in your team's chat."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(int) {}),
		kong.UsageOnError(),
		kong.Resolvers(variables(env)),
	)
	if err != nil {
		panic(err) // the command line is declared wrongly
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if helped(args) {
		return exitFine
	}
	if err != nil {
		fmt.Fprintf(s.err, "watchbell: %v\nRun 'watchbell --help' for the commands.\n", err)
		return exitUsage
	}
	return code(k.Run(&app{ctx: ctx, env: env, streams: s, globals: c.globals}), s)
}

func helped(args []string) bool {
	for _, a := range args {
		if a == "--help" || a == "-h" {
			return true
		}
	}
	return false
}

// code says what went wrong, once, and chooses the exit code.
func code(err error, s streams) int {
	var chosen exit
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &chosen):
		return int(chosen)
	}
	fmt.Fprintf(s.err, "watchbell: %v\n", err)
	var e *core.Error
	if errors.As(err, &e) && e.Do != "" {
		fmt.Fprintln(s.err, e.Do)
	}
	return exitFindings
}

// variables fills flags from the environment: NAME, or the content of the file NAME_FILE.
func variables(env getenv) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := flag.Tag.Get("var")
		if name == "" {
			return nil, nil
		}
		v, ok, err := env.value(name)
		if err != nil || !ok {
			return nil, err
		}
		return v, nil
	})
}

// value reads NAME, else the file that NAME_FILE names, without the line's end.
func (env getenv) value(name string) (string, bool, error) {
	if v, ok := env(name); ok && v != "" {
		return v, true, nil
	}
	file, ok := env(name + "_FILE")
	if !ok || file == "" {
		return "", false, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", false, fmt.Errorf("read %s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(b), "\r\n"), true, nil
}

// short bounds commands that should answer at once.
const short = 30 * time.Second
