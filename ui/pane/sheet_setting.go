package pane

import (
	"strings"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

// Knowledge is what is known of a setting beyond its row and the measurement.
type Knowledge struct {
	Elsewhere string            // the defaults of other clients, where they differ
	Problems  []setting.Problem // that name it, of the values with what is staged
	Values    setting.Values    // with what is staged
	Size      string            // what it should be by what is measured; "": no helper, or too little is known
	Inputs    []string          // of that, a line each
	Steps     []string          // the arithmetic
	Notes     []string
}

// settingPage tells all that there is to know of a setting, as `kdyno settings
// KEY` does, and what the present measurement says of it.
func settingPage(s Scene, k setting.Key, known Knowledge) account {
	row, there := setting.Find(k)
	if !there {
		return account{title: "Nothing"}
	}
	g := account{title: string(k), note: string(row.Scope) + ", " + row.Group}
	value := shown(row, s.Values.Text(k))
	if known.Values.Text(k) != s.Values.Text(k) && !row.Secret {
		value += " > " + shown(row, known.Values.Text(k)) + ", staged"
	}
	g.rowAs("value", draw.Safe(value, 400), draw.Strong)
	g.row("takes", Range(row))
	g.row("versions", row.HistoryLine())
	g.row("elsewhere", known.Elsewhere)
	g.row("honoured", honoured(row))
	g.head("what it is", "")
	g.say(row.Doc, draw.Text)
	g.say(row.Cost, draw.Text)
	g.say(row.Note, draw.Faint)
	if now := NowOf(k, s.Figures, s.Values); now != "" {
		g.head("measured", "the last 5 s")
		g.say(now, draw.Strong)
	}
	g.size(row, known)
	if len(known.Problems) > 0 {
		g.head("what does not fit together", "f stages the cure")
	}
	for _, problem := range known.Problems {
		g.say("! "+draw.Safe(problem.Say, 400), severest([]setting.Problem{problem}))
		g.say(draw.Safe(problem.Why, 600), draw.Text)
		if fix := fixText(problem); fix != "" {
			g.row("cure", fix)
		}
	}
	if rules := setting.RulesOf(k); len(rules) > 0 {
		g.head("rules that name it", "")
		for _, rule := range rules {
			g.say("- "+rule.Holds, draw.Text)
		}
	}
	g.guarantee(known.Values.Guarantee())
	if sources := row.Sources(); len(sources) > 0 {
		g.head("sources", "")
		g.say(strings.Join(sources, "; "), draw.Faint)
	}
	return g
}

// honoured says how the engine takes a row, and when.
func honoured(row setting.Row) string {
	how := string(row.How)
	if row.AtStart {
		how += ", at the start of a session only"
	}
	return how
}

// size tells what the setting should be by what is measured.
func (g *account) size(row setting.Row, known Knowledge) {
	if known.Size == "" {
		return
	}
	g.head("what it should be", "by what is measured")
	g.rowAs("value", row.Kind.Show(known.Size), draw.Strong)
	for _, input := range known.Inputs {
		g.row("from", input)
	}
	for _, step := range known.Steps {
		g.say(step, draw.Text)
	}
	for _, note := range known.Notes {
		g.say(note, draw.Faint)
	}
}

func (g *account) guarantee(of setting.Guarantee) {
	if of.Name == "" {
		return
	}
	g.head("guarantee", of.Name)
	for _, because := range of.Because {
		g.say("+ "+because, draw.Text)
	}
	if len(of.BrokenBy) > 0 {
		g.say("What breaks it:", draw.Strong)
	}
	for _, broken := range of.BrokenBy {
		g.say("- "+broken, draw.Text)
	}
}

// settingsBeside are the settings of the same group, in the order of the table.
func settingsBeside(k setting.Key) []Subject {
	var all []Subject
	is, _ := setting.Find(k)
	for _, row := range setting.Rows() {
		if row.Honoured() && row.Scope == is.Scope && row.Group == is.Group {
			all = append(all, Subject{Kind: SettingSubject, Name: string(row.Key)})
		}
	}
	return all
}
