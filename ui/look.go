package ui

import (
	tea "charm.land/bubbletea/v2"

	"kdyno/ui/draw"
)

// look is how the screen is painted: what was chosen, and what the terminal
// has told of itself.
type look struct {
	theme  draw.Theme // in use
	chosen string     // a name of draw.ThemeNames
	light  bool       // the terminal's background, dark where it does not answer
	ascii  bool
}

func newLook(o Options) look {
	l := look{ascii: o.ASCII}
	l.choose(o.Theme)
	return l
}

func (l *look) choose(name string) {
	if name == "" {
		name = draw.Auto
	}
	l.chosen = name
	l.theme, _ = draw.FindTheme(name)
	if name == draw.Auto {
		l.theme = draw.AutoTheme(l.light)
	}
	l.theme.ASCII = l.ascii
}

// turnTheme goes to the next theme and names it.
func (m *Model) turnTheme() {
	m.look.choose(draw.NextTheme(m.look.chosen))
	name := m.look.chosen
	if name == draw.Auto {
		name += ": " + m.look.theme.Name + ", as the terminal's background"
	}
	m.say("theme "+name, draw.Text)
}

// onBackground is the terminal's answer to the question that Init asked.
func (m *Model) onBackground(msg tea.BackgroundColorMsg) {
	m.look.light = !msg.IsDark()
	m.look.choose(m.look.chosen)
	m.screen.touch()
}
