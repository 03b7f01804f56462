package core

// Apply is the one function that changes an alert. It is pure and total: the same
// arguments give the same decision, an error means that nothing changed, and repeats (a
// stale timer, a second resolve) return no error and no effect.
func Apply(a Alert, in Input, env Env) (Decision, error) { panic("not written") }
