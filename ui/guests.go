package ui

import (
	"cmp"
	"slices"

	"kdyno/telemetry"
	"kdyno/ui/pane"
)

// The heights of the list of guests, with its box.
const (
	guestsCompact  = 5
	guestsStandard = 7
	guestsWide     = 9
	guestsEvents   = 5 // of the log, while nobody has come
)

// layout is where everything stands now.
func (m *Model) layout() []place {
	if m.opt.Guests == nil {
		return layout(m.view, m.focus, m.screen.w, m.screen.h)
	}
	some := m.scene.Figures != nil && m.scene.Figures.Guests != nil && len(m.scene.Figures.Guests.List) > 0
	return guestLayout(m.view, m.focus, m.screen.w, m.screen.h, some)
}

// guestLayout is that of layout for a session of guests: what they set stands
// where the settings of a producer of ours do, and the live view begins with the
// list of them. Until somebody has come, the list, which says how, has the view.
func guestLayout(view int, focus paneID, w, h int, some bool) []place {
	places := layout(view, focus, w, h)
	if places == nil {
		return nil
	}
	if view != viewLive {
		for i := range places {
			if places[i].pane == configPane {
				places[i].pane = inferredPane
			}
		}
		return places
	}
	places, body := edges(w, h)
	rows := guestsStandard
	switch {
	case !some && body.h < 4*guestsEvents:
		return append(places, body.of(guestsPane))
	case !some:
		rows = body.h - guestsEvents
		return append(places, place{guestsPane, 0, body.y, w, rows}, place{eventsPane, 0, body.y + rows, w, guestsEvents})
	case compact(w, h):
		rows = guestsCompact
	case w >= wideWidth && h >= wideHeight:
		rows = guestsWide
	}
	places = append(places, place{guestsPane, 0, body.y, w, rows})
	rest := place{y: body.y + rows, w: w, h: body.h - rows}
	return append(places, guestsBelow(rest, w, h)...)
}

// guestsBelow is the live view of one guest, in what the list leaves.
func guestsBelow(rest place, w, h int) []place {
	switch {
	case compact(w, h):
		return compactLive(rest)
	case w >= wideWidth && h >= wideHeight && rest.h >= wideHeight-2*edgeRows-guestsWide:
		return withInferred(wideLive(rest))
	default:
		return withInferred(standardLive(rest))
	}
}

func withInferred(places []place) []place {
	i := slices.IndexFunc(places, func(p place) bool { return p.pane == configPane })
	if i >= 0 {
		places[i].pane = inferredPane
	}
	return places
}

// chooseGuest shows the guest that the list was moved to.
func (m *Model) chooseGuest() {
	if m.opt.Guests == nil || m.focus != guestsPane || m.scene.Figures.Guests == nil {
		return
	}
	if n := m.guests.Wanted(); n != 0 && n != m.scene.Figures.Guests.Shown {
		m.opt.Guests.Choose(n)
		m.pull(true)
	}
}

// notOwn says why what is of a producer of kdyno's own is not possible here.
func notOwn(m *Model) string {
	if m.opt.Guests == nil {
		return ""
	}
	return "the producers here are the applications', and so are their settings; p saves what one has as a preset"
}

// forOwn makes a key one of a producer of kdyno's own.
func forOwn(not func(*Model) string) func(*Model) string {
	return func(m *Model) string { return cmp.Or(notOwn(m), not(m)) }
}

// noLike says why no producer of kdyno's own can be started beside the guests.
func noLike(m *Model) string {
	switch g := m.session.latest.Guests; {
	case g == nil || len(g.List) == 0:
		return "no producer has come yet whose settings kdyno's own could have"
	case g.Own:
		return "kdyno's own producer runs already, x stops it"
	default:
		return ""
	}
}

func startWord(m *Model) string {
	if m.opt.Guests != nil && m.session.state != telemetry.Consent {
		return "own beside"
	}
	return "start"
}

// leaveGuests asks where leaving cuts somebody off; false: nobody would be.
func (m *Model) leaveGuests() bool {
	here := 0
	for _, g := range m.session.latest.Guests.List {
		if g.Connections > 0 {
			here++
		}
	}
	if here == 0 || m.session.state == telemetry.Done {
		return false
	}
	m.top = overlay{confirm: &pane.Confirm{
		Title: "Leave?",
		Lines: []string{"Applications are connected. Leaving cuts them off, and they find no broker here any more; the report is written.", ""},
		Ask:   "y leave   n stay",
		Yes:   pane.Quit{},
	}}
	return true
}
