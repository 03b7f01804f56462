package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
)

// readFiles reads configuration: files, directories (their *.yaml and *.yml), or "-".
func (a *app) readFiles(paths []string) ([]config.File, error) {
	if len(paths) == 0 {
		v, ok, err := a.env.value("WATCHBELL_CONFIG")
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, &core.Error{Kind: core.Invalid, Text: "no configuration file was named", Do: "Give its path, or set WATCHBELL_CONFIG."}
		}
		paths = []string{v}
	}
	var files []config.File
	for _, p := range paths {
		more, err := a.readPath(p)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

func (a *app) readPath(path string) ([]config.File, error) {
	if path == "-" {
		if a.piped == nil {
			b, err := io.ReadAll(a.in)
			if err != nil {
				return nil, fmt.Errorf("read the configuration: %w", err)
			}
			a.piped = append([]byte{}, b...)
		}
		return []config.File{{Name: "stdin", Data: a.piped}}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	names := []string{path}
	if info.IsDir() {
		names = nil
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			found, err := filepath.Glob(filepath.Join(path, pattern))
			if err != nil {
				return nil, err
			}
			names = append(names, found...)
		}
		slices.Sort(names)
		if len(names) == 0 {
			return nil, core.Errorf(core.Invalid, "there is no *.yaml in %s", path)
		}
	}
	var files []config.File
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		files = append(files, config.File{Name: n, Data: b})
	}
	return files, nil
}

// parse validates configuration, which may name what is there already (have).
// Problems are printed, one a line, and end the command; warnings are printed and do not.
func (a *app) parse(files []config.File, have config.Set) (config.Set, error) {
	set, problems := parseFiles(files, &have)
	for _, w := range set.Warnings {
		fmt.Fprintf(a.err, "%s (warning)\n", w)
	}
	for _, p := range problems {
		fmt.Fprintln(a.err, p)
	}
	if len(problems) > 0 {
		return set, exit(exitFindings)
	}
	return set, nil
}

// folders are the paths that were given whole, so that what a file deleted from one made
// can be pruned.
func folders(paths []string) (list []string) {
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			list = append(list, p)
		}
	}
	return list
}

// parseFiles validates files with the blocks of the platforms in them. They may name what
// is there already; nil: nothing is.
func parseFiles(files []config.File, have *config.Set) (config.Set, []config.Problem) {
	o := adapters.ParseOptions()
	o.Have = have
	set, problems := config.Parse(files, o)
	settings, more := adapters.Read(set)
	set.Warnings = append(set.Warnings, settings.Warnings(set)...)
	return set, append(problems, more...)
}
