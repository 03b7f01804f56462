package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// command runs the program with an environment; out and errs are what it wrote.
func command(t *testing.T, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, func(n string) (string, bool) { v, ok := env[n]; return v, ok }, streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "team.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// database is the environment of a fresh SQLite database.
func database(t *testing.T) map[string]string {
	return map[string]string{"WATCHBELL_DATABASE": "sqlite:" + filepath.Join(t.TempDir(), "w.db")}
}

func TestCheckNamesEveryProblemWithItsPlace(t *testing.T) {
	path := write(t, "users:\n  - {username: ana, timezone: Mars/Base}\nescalationPolicies:\n  - {name: p, escalationRules: [{escalationTimeout: 5, users: [bob]}]}\n")
	code, out, _ := command(t, nil, "check", path)
	require.Equal(t, exitFindings, code)
	require.Contains(t, out, path+":2:")
	require.Contains(t, out, path+":4:")
	for line := range strings.Lines(out) {
		require.Regexp(t, `^\S+:\d+:\d+: \S+: .+`, line)
	}
}

func TestCheckOfAMissingFileIsAFinding(t *testing.T) {
	code, _, errs := command(t, nil, "check", "/no/such/file.yaml")
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "/no/such/file.yaml")
}

func TestAWrongFlagIsUsage(t *testing.T) {
	code, _, errs := command(t, nil, "serve", "--lisen", "x")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "lisen")
}

func TestApplyPlanPrintsTheDifferenceAndChangesNothing(t *testing.T) {
	env := database(t)
	path := write(t, quick)
	code, _, errs := command(t, env, "apply", path)
	require.Zero(t, code, errs)
	code, _, errs = command(t, env, "apply", "--plan", path)
	require.Zero(t, code, errs)
	require.Contains(t, errs, "nothing to change")
	edited := write(t, strings.Replace(quick, "escalationTimeout: 2s, users: [ben]", "escalationTimeout: 9s, users: [ben, cleo]", 1))
	for range 2 { // the first changed nothing
		code, out, _ := command(t, env, "apply", "--plan", edited)
		require.Equal(t, exitDiffers, code)
		require.Contains(t, out, "payments")
		require.Contains(t, out, "9s")
	}
}

func TestExportIsWhatWasApplied(t *testing.T) {
	env := database(t)
	code, _, errs := command(t, env, "apply", write(t, quick))
	require.Zero(t, code, errs)
	code, out, errs := command(t, env, "export")
	require.Zero(t, code, errs)
	code, out, errs = command(t, env, "apply", "--plan", write(t, out))
	require.Zero(t, code, out+errs)
}

func TestKeysAreShownOnceAndRevoked(t *testing.T) {
	env := database(t)
	code, _, errs := command(t, env, "apply", write(t, quick))
	require.Zero(t, code, errs)
	code, key, errs := command(t, env, "key", "create", "--user", "ana", "--name", "ci", "--expires", "90d")
	require.Zero(t, code, errs)
	require.Len(t, strings.Fields(key), 1)
	code, list, _ := command(t, env, "key", "list")
	require.Zero(t, code)
	require.NotContains(t, list, strings.TrimSpace(key))
	require.Contains(t, list, "ana")
	code, _, errs = command(t, env, "key", "revoke", "1")
	require.Zero(t, code, errs)
	_, list, _ = command(t, env, "key", "list")
	require.Contains(t, list, "revoked")
	code, _, errs = command(t, env, "key", "create", "--user", "ben", "--role", "ADMIN")
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "above")
}

func TestDoctorNamesWhoCannotBePaged(t *testing.T) {
	env := database(t)
	code, _, errs := command(t, env, "apply", write(t, strings.Replace(quick, ", identities: {webchat: ben}", "", 1)))
	require.Zero(t, code, errs)
	code, out, _ := command(t, env, "doctor")
	require.Equal(t, exitFindings, code)
	require.Contains(t, out, "Ben")
	require.Contains(t, out, "cannot be paged")
}

func TestASecretMayComeFromAFile(t *testing.T) {
	env := database(t)
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(secret+"\n"), 0o600))
	env["WATCHBELL_SECRET_FILE"] = file
	code, _, errs := command(t, env, "apply", write(t, quick))
	require.Zero(t, code, errs)
	delete(env, "WATCHBELL_SECRET_FILE")
	env["WATCHBELL_SECRET"] = secret
	code, _, errs = command(t, env, "export")
	require.Zero(t, code, errs)
	env["WATCHBELL_SECRET"] = "another secret of sixteen"
	code, _, errs = command(t, env, "export")
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "WATCHBELL_SECRET")
}

func TestReadingCommandsMakeNoDatabase(t *testing.T) {
	env := database(t)
	for _, args := range [][]string{{"export"}, {"doctor"}, {"key", "list"}, {"signin", "ana"}, {"apply", "--plan", write(t, quick)}, {"apply", "/no/such.yaml"}} {
		code, out, errs := command(t, env, args...)
		require.Equal(t, exitFindings, code, "%v", args)
		require.Regexp(t, "there is no database|no such file", out+errs)
	}
	require.NoFileExists(t, strings.TrimPrefix(env["WATCHBELL_DATABASE"], "sqlite:"))
}

func TestAnEmptySecretFileIsNoSecret(t *testing.T) {
	env := database(t)
	dir := filepath.Dir(strings.TrimPrefix(env["WATCHBELL_DATABASE"], "sqlite:"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "watchbell.secret"), nil, 0o600))
	code, _, errs := command(t, env, "apply", write(t, quick))
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "holds no secret")
	require.NoError(t, os.Remove(filepath.Join(dir, "watchbell.secret")))
	code, _, errs = command(t, env, "apply", write(t, quick))
	require.Zero(t, code, "a first start that was cut off goes on: %s", errs)
}

func TestAnInterruptedCommandIsNotFine(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	env := database(t)
	code := run(ctx, []string{"apply", write(t, quick)}, func(n string) (string, bool) { v, ok := env[n]; return v, ok }, streams{strings.NewReader(""), io.Discard, io.Discard})
	require.NotZero(t, code)
}
