package presets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
)

// Measured is what a preset did when it was last measured, with the load and the
// stand that it had then. Load and Stand hold what was not the default.
type Measured struct {
	At          string            `json:"at"`                  // RFC 3339
	Kdyno       string            `json:"kdyno,omitempty"`     // version
	Cluster     Cluster           `json:"cluster"`             // that it was measured on
	ForS        float64           `json:"for_s"`               // the load's time
	RecordsPerS float64           `json:"records_per_s"`       // acknowledged, after the warm-up
	P99Ms       *float64          `json:"p99_ms,omitempty"`    // absent where there were too few records
	Guarantee   string            `json:"guarantee,omitempty"` // by its name
	Audit       string            `json:"audit,omitempty"`     // verdict; absent where there was no audit
	Load        map[string]string `json:"load,omitempty"`
	Stand       map[string]string `json:"stand,omitempty"`
	Of          string            `json:"of,omitempty"` // Fingerprint of the producer's settings
}

// Cluster is what a preset was measured on.
type Cluster struct {
	Kind        string `json:"kind"` // embedded or real
	Version     string `json:"version,omitempty"`
	Brokers     int    `json:"brokers,omitempty"`
	Partitions  int    `json:"partitions,omitempty"` // of all topics
	Replication int    `json:"replication,omitempty"`
}

// MeasuredBy takes a measurement from a report of a run with these values.
func MeasuredBy(r report.Report, v setting.Values) Measured {
	m := Measured{
		At: r.Started, Kdyno: r.Version, ForS: round(r.ElapsedS), RecordsPerS: round(r.Rate.RecordsPerS),
		Guarantee: r.Guarantee.Name, Of: Fingerprint(v),
		Cluster: Cluster{Kind: r.Cluster.Kind, Version: r.Cluster.Version, Brokers: r.Cluster.Brokers},
		Load:    apart(v, setting.Load), Stand: apart(v, setting.Stand),
	}
	if r.Latency.P99Ms != nil {
		p99 := round(*r.Latency.P99Ms)
		m.P99Ms = &p99
	}
	for _, t := range r.Topics {
		m.Cluster.Partitions += t.Partitions
		m.Cluster.Replication = max(m.Cluster.Replication, t.Replication)
	}
	return m
}

// round keeps three decimals, which is more than a stand can say.
func round(f float64) float64 { return float64(int64(f*1000+0.5)) / 1000 }

// apart is what of a scope is not the default; nil: nothing.
func apart(v setting.Values, scope setting.Scope) map[string]string {
	var m map[string]string
	for _, k := range v.Set() {
		if row, _ := setting.Find(k); row.Scope == scope && v.Text(k) != row.Default {
			if m == nil {
				m = map[string]string{}
			}
			m[string(k)] = v.Text(k)
		}
	}
	return m
}

// Fingerprint tells two sets of producer settings apart, by what the Java client
// makes of them; addresses, names and credentials do not count.
func Fingerprint(v setting.Values) string {
	e := v.Effective()
	var b strings.Builder
	for _, row := range setting.Rows() {
		if row.Scope != setting.Producer || row.Secret || row.Group == "connection" || e.Text(row.Key) == row.Default {
			continue
		}
		fmt.Fprintf(&b, "%s=%s\n", row.Key, e.Text(row.Key))
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:6])
}

// Stale says that the preset's producer settings are no longer those that were
// measured.
func (p Preset) Stale() bool {
	return p.Measured != nil && p.Measured.Of != "" && p.Measured.Of != Fingerprint(p.All())
}

// sumOf tells two texts of a file apart.
func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Line says a measurement in one line, for people.
func (m Measured) Line() string {
	date, _, _ := strings.Cut(m.At, "T")
	parts := []string{date + " on " + m.Cluster.words(), fmt.Sprintf("%.0f records/s", m.RecordsPerS)}
	if m.P99Ms != nil {
		parts = append(parts, fmt.Sprintf("p99 %.1f ms", *m.P99Ms))
	}
	if m.Audit != "" {
		parts = append(parts, "audit "+m.Audit)
	}
	return strings.Join(parts, ", ")
}

func (c Cluster) words() string {
	switch {
	case c.Kind == "embedded":
		return fmt.Sprintf("%d embedded brokers", c.Brokers)
	case c.Version != "":
		return fmt.Sprintf("%d brokers, Kafka %s", c.Brokers, c.Version)
	default:
		return fmt.Sprintf("%d brokers", c.Brokers)
	}
}

// MeasuredLines are the last measurement in lines for an export's header; none
// without one.
func (p Preset) MeasuredLines() []string {
	if p.Measured == nil {
		return nil
	}
	line := p.Measured.Line()
	if p.Stale() {
		line += ", before its settings were changed"
	}
	return []string{line}
}
