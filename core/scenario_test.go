package core

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the scenarios' results; read the diff")

const divider = "----\n"

// A scenario file holds what happens, a line of dashes, and what is seen of it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 30)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			script, want, _ := strings.Cut(string(data), divider)
			got, err := play(script)
			require.NoError(t, err)
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(script+divider+got), 0o644))
				return
			}
			require.Equal(t, want, got, "scenario:\n%s", script)
		})
	}
}
