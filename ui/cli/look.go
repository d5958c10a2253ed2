package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"kdyno/ui"
	"kdyno/ui/draw"
)

// lookFlags are the flags of the workbench alone.
type lookFlags struct {
	theme string
	fps   int
	ascii bool
	set   *pflag.FlagSet
}

func (f *lookFlags) register(fs *pflag.FlagSet) {
	f.set = fs
	fs.StringVar(&f.theme, "theme", draw.Auto, "look of the workbench: "+strings.Join(draw.ThemeNames(), ", "))
	fs.BoolVar(&f.ascii, "ascii", false, "draw the workbench in plain ASCII")
	fs.IntVar(&f.fps, "fps", ui.UsualFPS, "how often a second the workbench's gauges move")
}

// options judges the flags. Without UTF-8 in the locale a terminal shows our
// glyphs as rubbish, so then it is ASCII unless a person says otherwise.
func (f *lookFlags) options(w *World) (ui.Options, *failure) {
	names := draw.ThemeNames()
	if !slices.Contains(names, f.theme) {
		return ui.Options{}, usagef("use one of "+strings.Join(names, ", "), "--theme: there is no theme %q", f.theme)
	}
	if f.fps < 1 || f.fps > ui.MostFPS {
		return ui.Options{}, usagef(fmt.Sprintf("use 1 to %d; %d is usual", ui.MostFPS, ui.UsualFPS), "--fps: %d is out of range", f.fps)
	}
	o := ui.Options{Theme: f.theme, FPS: f.fps, ASCII: f.ascii}
	if w.NoUTF8 && !f.set.Changed("ascii") {
		o.ASCII = true
		o.Greeting = "the locale has no UTF-8, so this is plain ASCII; LC_ALL=C.UTF-8 or --ascii=false draws boxes"
	}
	return o, nil
}

// noUTF8 reads the locale as setlocale does: the first of the three that is
// set decides, and none means C. Windows has no such variables.
func noUTF8(goos string, env func(string) string) bool {
	if goos == "windows" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(env(name)); locale != "" {
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return true
}
