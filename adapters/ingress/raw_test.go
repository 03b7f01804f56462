package ingress

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/ingress/normalize"
	"github.com/watchbell/watchbell/core"
)

func TestMendedTextKeepsTheBytesOnce(t *testing.T) {
	entries := []*entry{{event: core.Event{Summary: "disk \uFFFD full"}}, {event: core.Event{Summary: "fine"}}}
	flag(entries, body{came: []byte("disk \xff full"), raw: normalize.Raw{}, mended: true})
	require.Equal(t, []byte("disk \xff full"), entries[0].event.Raw)
	require.NotEmpty(t, entries[0].event.Remarks)
	require.Empty(t, entries[1].event.Raw)
}
