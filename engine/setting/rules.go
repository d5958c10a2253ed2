package setting

// Check returns every problem that the values have together, errors first.
// What it needs to know of the cluster and does not (zero) it does not judge.
func Check(v Values, f Facts) []Problem { return nil }
