package cli

import (
	"context"
	"strings"
	"testing"
)

// looked runs a line with a terminal and gives what the workbench was told.
func looked(t *testing.T, line string, prepare func(*World)) (s Screen, code int, said string) {
	t.Helper()
	b := newBench(t, session(0))
	b.Terminal = true
	b.Workbench = func(_ context.Context, screen Screen) error {
		s = screen
		return nil
	}
	if prepare != nil {
		prepare(&b.World)
	}
	code = b.run(line)
	return s, code, b.err.String()
}

func TestWorkbenchIsToldItsLook(t *testing.T) {
	s, code, _ := looked(t, "--theme contrast --fps 10 --ascii", nil)
	if code != 0 || s.Look.Theme != "contrast" || s.Look.FPS != 10 || !s.Look.ASCII {
		t.Errorf("got code %d and %+v, want contrast, 10 and ASCII", code, s.Look)
	}
	s, _, _ = looked(t, "", func(w *World) { w.NoUTF8 = true })
	if !s.Look.ASCII || !strings.Contains(s.Look.Greeting, "--ascii=false") {
		t.Errorf("got %+v, want ASCII and how to change that", s.Look)
	}
}

func TestLooksThatThereAreNotAreRefused(t *testing.T) {
	for line, want := range map[string]string{
		"--theme plaid": `there is no theme "plaid"`,
		"--fps 0":       "--fps: 0 is out of range",
		"--fps 61":      "use 1 to 60",
		"--fps many":    "--fps",
	} {
		_, code, said := looked(t, line, nil)
		if code != 2 || !strings.Contains(said, want) {
			t.Errorf("%s: got code %d and %q, want 2 and %q", line, code, said, want)
		}
	}
}

func TestLookBelongsToTheWorkbench(t *testing.T) {
	b := newBench(t, ended())
	for _, line := range []string{"run --for 1s --theme dark", "run --for 1s --ascii", "run --for 1s --fps 5"} {
		if code := b.run(line); code != 2 {
			t.Errorf("%s: got code %d, want 2", line, code)
		}
	}
}

func TestLocaleIsReadAsSetlocaleDoes(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		goos string
		want bool
	}{
		{env: map[string]string{"LANG": "C.UTF-8"}},
		{env: map[string]string{"LANG": "de_DE.utf8"}},
		{env: map[string]string{"LC_ALL": "C", "LANG": "C.UTF-8"}, want: true},
		{env: map[string]string{"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}},
		{env: map[string]string{"LANG": "POSIX"}, want: true},
		{want: true},
		{goos: "windows"},
	} {
		if got := noUTF8(c.goos, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v %s: got %v, want %v", c.env, c.goos, got, c.want)
		}
	}
}
