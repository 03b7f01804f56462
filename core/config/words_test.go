package config

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDurationsAreReadInAllTheirForms(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "5m": 5 * time.Minute, "8h": 8 * time.Hour, "7d": 7 * day, "1h30m": 90 * time.Minute,
		"0s": 0, "P7D": 7 * day, "PT90S": 90 * time.Second, "P1W": 7 * day, "P1DT12H": 36 * time.Hour, "PT1H30M": 90 * time.Minute,
	} {
		d, problem := parseDuration(text)
		require.Empty(t, problem, text)
		require.Equal(t, want, d, text)
	}
	for _, text := range []string{"", "5", "m", "5 m", "-5m", "+5m", "1.5h", "5M", "30m1h", "5m5m", "P", "PT", "P1M", "P1Y", "p7d", "P7", "PT5D", "P1DT", "１m", "9999999d"} {
		_, problem := parseDuration(text)
		require.NotEmpty(t, problem, text)
	}
}

func TestFormattedDurationsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Range(0, int64(90*day/time.Second)).Draw(t, "seconds")) * time.Second
		got, problem := parseDuration(formatDuration(want))
		require.Empty(t, problem)
		require.Equal(t, want, got)
	})
}

func TestNearestNameIsSuggestedAndFarOnesAreNot(t *testing.T) {
	names := []string{"payments-primary", "payments-secondary", "ops", "ana", "ben"}
	for written, want := range map[string]string{
		"paymnts": " Did you mean payments-primary?", "anna": " Did you mean ana?", "ebn": " Did you mean ben?",
		"OPS": " Did you mean ops?", "zzzzzz": "", "warehouse": "",
	} {
		require.Equal(t, want, DidYouMean(written, names), written)
	}
}

func TestThereAreAllIntegrationTypes(t *testing.T) {
	types := IntegrationTypes()
	require.Len(t, types, 151)
	require.Contains(t, types, DefaultIntegrationType)
	slices.Sort(types)
	require.Len(t, slices.Compact(types), 151)
}
