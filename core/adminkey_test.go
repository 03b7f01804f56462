package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheAdminKeyActsAndIsNobody(t *testing.T) {
	env := Env{Now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), Source: Source{ID: 1, Name: "prometheus", PriorityRule: AlwaysLow}}
	d, err := Apply(Alert{}, EventArrived{ID: 1, Event: Event{Type: EventAlert, Summary: "down", Priority: High, By: AdminKey}}, env)
	require.NoError(t, err)
	require.Equal(t, High, d.Alert.Priority, "a person's word counts more than the source's rule")
	d, err = Apply(d.Alert, Accept{By: AdminKey}, env)
	require.NoError(t, err)
	require.Equal(t, Accepted, d.Alert.Status)
	require.Empty(t, d.Alert.Responders)
	require.Equal(t, AdminKey, d.Log[0].User)
	require.NotContains(t, d.Log[0].Vars, "source")
}
