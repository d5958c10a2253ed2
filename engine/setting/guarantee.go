package setting

// The names of the guarantees that a configuration can give.
const (
	AtMostOnce  = "at most once"
	AtLeastOnce = "at least once"
	ExactlyOnce = "exactly once per partition and producer session"
)

// Guarantee says what the values promise about delivery, judged by what the
// Java client makes of them.
func (v Values) Guarantee() Guarantee { return Guarantee{} }
