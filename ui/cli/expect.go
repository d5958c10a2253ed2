package cli

import (
	"errors"
	"slices"
	"strings"

	"kdyno/telemetry/report"
)

// expectations reads --expect, and puts the objectives of the preset before it.
func (f *loadFlags) expectations(objectives []string) ([]report.Expect, *failure) {
	var out []report.Expect
	for _, text := range objectives {
		if e, err := report.ParseExpect(text); err == nil && !slices.Contains(f.expect, text) { // they were read with the preset
			out = append(out, e)
		}
	}
	for _, text := range f.expect {
		e, err := report.ParseExpect(text)
		if err != nil {
			fail := usagef("write a path of the report, an operator and a value, such as --expect 'latency.p99_ms<20'", "--expect %s: %v", text, err)
			var bad *report.ExpectError
			if errors.As(err, &bad) {
				fail.detail = []string{text, strings.Repeat(" ", bad.Column-1) + "^"}
			}
			return nil, fail
		}
		out = append(out, e)
	}
	return out, nil
}

// judge holds the expectations against the report; one that is not met, or
// that the report can not decide, is exit code 1 where all else went well, and
// so is an audit that was not kept.
func (a *app) judge(r *report.Report) *failure {
	if r.Audit.Failed() && a.code == 0 {
		a.code = 1
	}
	if len(a.expects) == 0 {
		return nil
	}
	results, err := report.Judge(*r, a.expects)
	if err != nil {
		return failed(err)
	}
	r.Expectations = results
	for _, e := range results {
		if !e.Met && a.code == 0 {
			a.code = 1
		}
	}
	return nil
}
