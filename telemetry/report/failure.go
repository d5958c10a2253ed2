package report

// Explain stub.
func Explain(code string) (class, where, say string) { return "unknown", "broker", code }
