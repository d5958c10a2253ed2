package ui

import (
	"strings"
	"testing"

	"kdyno/engine/setting"
)

// What is typed is judged before it is staged, at its row, and the guarantee
// follows it.
func TestValuesAreJudgedWhileTheyAreTyped(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "2")
	m.config.Find(setting.DeliveryTimeoutMs)
	press(m, "e", "7")
	for _, want := range []string{"! delivery.timeout.ms", "fix: delivery.timeout.ms", "would be exactly once"} {
		has(t, m, want)
	}
	hasNot(t, m, "f: delivery.timeout.ms") // f is a letter in the field
	press(m, "esc")
	hasNot(t, m, "! delivery.timeout.ms")

	m.config.Find(setting.Acks)
	press(m, "e")
	for range 3 {
		if word := m.config.Proposed(m.scene.Values).Text(setting.Acks); word == "0" {
			break
		}
		press(m, "right")
	}
	has(t, m, "would be at most once")
	press(m, "esc")
	has(t, m, "guarantee: exactly once")

	m.config.Find(setting.DeliveryTimeoutMs)
	press(m, "e", "7", "enter")
	has(t, m, "f: delivery.timeout.ms")
	press(m, "f")
	hasNot(t, m, "! delivery.timeout.ms")
}

func TestAllThatIsKnownOfASettingIsTold(t *testing.T) {
	m, e, _ := workbench(120, 50)
	e.snap.Recent.Batches.RawBytesMean, e.snap.Recent.Batches.RecordsMean = ms(51_200), ms(100)
	m.pull(true)
	m.config.Find(setting.BufferMemory)
	press(m, "2", "w")
	for _, want := range []string{
		"another client does it otherwise for buffer.memory", "honoured", "Now:", "180,000 records/s x 512 B x 30s x 2",
		"memory of this host", "rules that name it", "Kafka documentation",
	} {
		press(m, "g")
		for range 40 {
			if strings.Contains(plainFrame(m), want) {
				break
			}
			press(m, "down")
		}
		has(t, m, want)
	}
	press(m, "right")
	has(t, m, "max.block.ms")
	hasNot(t, m, "buffer.memory is")
	press(m, "left", "esc")
	hasNot(t, m, "rules that name it")

	press(m, "1")
	m.focus = latencyPane
	press(m, "w")
	has(t, m, "2 first")
}

// No setting is too long or too odd to be told of, at any size.
func TestEverySettingIsTold(t *testing.T) {
	for _, size := range sizes {
		m, _, _ := workbench(size[0], size[1])
		for _, row := range setting.Rows() {
			if !row.Honoured() {
				continue
			}
			m.config.Find(row.Key)
			m.focus = configPane
			press(m, "w")
			has(t, m, string(row.Key))
			press(m, "esc")
		}
	}
}
