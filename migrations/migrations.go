// Package migrations holds the database's numbered SQL, one folder a dialect. A file is
// never edited once released; the two folders say the same (a test of store compares
// them).
package migrations

import "embed"

//go:embed sqlite/*.sql postgres/*.sql
var FS embed.FS
