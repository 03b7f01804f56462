package engine

import (
	"context"
	"fmt"

	"github.com/watchbell/watchbell/store"
)

// Audit looks for what can never be, if this program works: sentences for an operator,
// none if all is well. It reads only.
func (e *Engine) Audit(ctx context.Context) (found []string, err error) {
	err = e.DB.View(ctx, func(tx *store.Tx) error {
		counts, err := tx.Orphans(ctx, e.Now())
		for _, c := range counts {
			if c.Rows > 0 {
				found = append(found, fmt.Sprintf("%s: %d", c.What, c.Rows))
			}
		}
		return err
	})
	return found, err
}
