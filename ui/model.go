package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// How often what is refreshed: gauges move, figures must be readable, and
// nobody looks at a blurred window.
const (
	gaugeEvery   = time.Second / UsualFPS
	chartEvery   = 200 * time.Millisecond
	figureEvery  = 250 * time.Millisecond
	blurredEvery = 500 * time.Millisecond
	noticeFor    = 8 * time.Second
)

type (
	tickMsg   time.Time
	listedMsg struct {
		lines []pane.PresetLine
		err   error
	}
)

// Model is the screen. It implements tea.Model; only Update changes it.
type Model struct {
	opt     Options
	look    look
	keys    []binding
	panels  [paneCount]panel
	config  *pane.Config
	guests  pane.Guests
	scene   pane.Scene
	clock   refresh
	top     overlay
	preset  presetInUse
	person  person
	screen  screen
	session session
	focus   paneID
	view    int
}

// session is what the screen has understood of the engine's state.
type session struct {
	latest *telemetry.Snapshot // also while the view is frozen
	state  telemetry.State
	asked  bool      // the consent dialog was shown for this state
	toldAt time.Time // when a change was last handed to the engine
	reel   reel      // what was seen, for a frozen view
}

// refresh is when what was last pulled, and how fast time goes.
type refresh struct {
	gauges, charts, figures int // versions, for the cache
	chartsAt, figuresAt     time.Time
	goalsAt                 time.Time
	blurred                 bool
}

// person is what was last said to the one at the keys, and what they want of
// the screen itself.
type person struct {
	notice      notice
	pressed     []string // the last keys, the newest last; kept for K
	showKeys    bool
	mouse       bool
	interrupted bool
	removed     *presets.Preset // what u in the presets brings back
}

// notice is a line for the person, until it has been there long enough.
type notice struct {
	text  string
	role  draw.Role
	until time.Time
}

// New makes the screen. Engine must be given; everything else has a default.
func New(o Options) *Model {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	m := &Model{
		opt: o, look: newLook(o), keys: bindings(), focus: configPane,
		config: pane.NewConfig(),
		preset: inUse(o.Preset),
	}
	m.config.Reckon = reckoned
	m.person.mouse = true
	if o.Guests != nil {
		m.focus = guestsPane
	}
	m.panels = m.newPanels()
	m.pull(true)
	if o.Greeting != "" {
		m.say(o.Greeting, draw.Warn)
	}
	return m
}

// Init implements tea.Model.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tick(m.opt.every()), tea.RequestBackgroundColor)
}

func tick(every time.Duration) tea.Cmd {
	return tea.Every(every, func(t time.Time) tea.Msg { return tickMsg(t) })
}

// Update implements tea.Model.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tickMsg:
		return m, m.onTick()
	case tea.KeyPressMsg:
		return m, m.onKey(msg)
	case tea.PasteMsg:
		m.onText(msg.Content)
	case tea.MouseClickMsg:
		m.onClick(msg)
	case tea.MouseWheelMsg:
		m.onWheel(msg)
	case tea.WindowSizeMsg:
		m.screen.resize(msg.Width, msg.Height)
		m.keepFocus()
	case tea.BlurMsg:
		m.clock.blurred = true
	case tea.FocusMsg:
		m.clock.blurred = false
	case tea.BackgroundColorMsg:
		m.onBackground(msg)
	case keptMsg:
		m.onKept(msg)
	default:
		return m, m.onStore(msg)
	}
	return m, nil
}

func (m *Model) onTick() tea.Cmd {
	m.pull(false)
	return tick(m.pace())
}

// pace is the time to the next look at the engine: less often where nobody
// looks, and where nothing moves but a word of the state.
func (m *Model) pace() time.Duration {
	if m.clock.blurred {
		return blurredEvery
	}
	switch m.session.state {
	case telemetry.Paused, telemetry.Done, telemetry.Consent, telemetry.Unreachable, telemetry.Refused:
		return max(figureEvery, m.opt.every())
	default:
		return m.opt.every()
	}
}

// pull takes a new snapshot and gives it to what is due. A frozen view keeps
// what it shows; only its age moves.
func (m *Model) pull(now bool) {
	snap := m.opt.Engine.Snapshot()
	if snap == nil {
		snap = &telemetry.Snapshot{State: telemetry.Starting, Say: "Starting."}
	}
	m.screen.dirty = true
	m.onState(snap)
	m.session.reel.add(snap)
	t, c := m.opt.Clock(), &m.clock
	c.gauges++
	if m.scene.Frozen {
		m.scene.Behind = snap.At - m.scene.Live.At
		return
	}
	m.scene.Live = snap
	if now || t.Sub(c.chartsAt) >= chartEvery {
		m.scene.Charts, c.chartsAt = snap, t
		c.charts++
	}
	if now || t.Sub(c.figuresAt) >= figureEvery {
		m.scene.Figures, c.figuresAt = snap, t
		c.figures++
		m.refreshValues()
		m.judgeGoals(t)
	}
}

// goalsEvery is how often the objectives are judged.
const goalsEvery = time.Second

func (m *Model) judgeGoals(t time.Time) {
	if t.Sub(m.clock.goalsAt) >= goalsEvery {
		m.preset.goals.judge(m.session.latest)
		m.clock.goalsAt = t
	}
}

// refreshValues reads the values that the engine is asked for now, which a
// step may have changed, and judges what is staged against them.
func (m *Model) refreshValues() {
	m.scene.Values = m.opt.Engine.Values()
	m.config.Settle(m.scene.Values, m.settled())
	m.judge()
	m.scene.Preset = m.preset.label(m.scene.Values)
	m.screen.touch()
}

// changeTakes is within what time a change is seen to be under way.
const changeTakes = 2 * time.Second

// settled says that no change of values is under way.
func (m *Model) settled() bool {
	switch m.session.state {
	case telemetry.Running, telemetry.Paused, telemetry.Degraded, telemetry.Done:
		return m.opt.Clock().Sub(m.session.toldAt) > changeTakes
	default:
		return false
	}
}

// judge asks for the problems of the values as they would be.
func (m *Model) judge() {
	m.config.Problems = m.opt.Engine.Check(m.config.Proposed(m.scene.Values))
}

// say shows a line to the person.
func (m *Model) say(text string, role draw.Role) {
	m.person.notice = notice{text: draw.Safe(text, 400), role: role, until: m.opt.Clock().Add(noticeFor)}
	m.screen.touch()
}
