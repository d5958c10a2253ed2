//go:build integration && figures && linux

package engine_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"
)

// fidelityRounds is how often each cell is measured; its figures are the medians.
const fidelityRounds = 3

// The bounds of make fidelity, and how many of the cells may lie outside of them.
const (
	latencyWithin = 0.15 // but not at linger 0, which is the machine's own latency
	batchWithin   = 0.25
	orderAtLeast  = 0.9
	mayBeOutside  = 3
)

// TestFidelity holds kdyno beside the Java producer on 24 cells and prints what both say.
func TestFidelity(t *testing.T) {
	admin := realAdmin(t)
	driver, kdyno := startJava(t), command(t)
	cells := fidelityCells()
	java, ours := make([][]figures, len(cells)), make([][]figures, len(cells))
	topic := realTopic(t, admin) // one for all: each that is left there slows the brokers
	for range 2 {                // and those that were just started take their time
		for _, c := range []cell{cells[0], cells[len(cells)/2]} {
			driver.measure(t, topic, c)
			kdynoSays(t, kdyno, topic, c)
		}
	}
	for round := range fidelityRounds {
		for i, c := range cells {
			measure := []func(){
				func() {
					java[i] = append(java[i], quietly(t, func() figures { return driver.measure(t, topic, c) }, driver.pid))
				},
				func() {
					ours[i] = append(ours[i], quietly(t, func() figures { return kdynoSays(t, kdyno, topic, c) }, driver.pid))
				},
			}
			measure[(round+i)%2]()
			measure[(round+i+1)%2]()
			fmt.Fprintf(os.Stderr, "%s round %d: %v: Java %.2f ms, %.0f bytes; kdyno %.2f ms, %.0f bytes\n",
				time.Now().Format(time.TimeOnly), round, c, java[i][round].Mean, java[i][round].Batch, ours[i][round].Mean, ours[i][round].Batch)
		}
	}
	var j, k []figures
	for i := range cells {
		j, k = append(j, middle(java[i])), append(k, middle(ours[i]))
	}
	judge(t, cells, j, k)
}

func fidelityCells() []cell {
	var cells []cell
	for _, keys := range []string{"none", fidelityKeys} {
		for _, linger := range []int{0, 5, 20, 50} {
			for _, batch := range []int{16 << 10, 32 << 10, 128 << 10} {
				cells = append(cells, cell{linger: linger, batch: batch, keys: keys, seconds: 10})
			}
		}
	}
	return cells
}

// middle is the median of each figure by itself.
func middle(all []figures) figures {
	of := func(read func(figures) float64) float64 {
		var xs []float64
		for _, f := range all {
			xs = append(xs, read(f))
		}
		return median(xs)
	}
	return figures{
		Rate: of(func(f figures) float64 { return f.Rate }), Lag: of(func(f figures) float64 { return f.Lag }),
		Mean: of(func(f figures) float64 { return f.Mean }), P50: of(func(f figures) float64 { return f.P50 }),
		P99: of(func(f figures) float64 { return f.P99 }), Batch: of(func(f figures) float64 { return f.Batch }),
		InRequest: of(func(f figures) float64 { return f.InRequest }), Queue: of(func(f figures) float64 { return f.Queue }),
		Answer: of(func(f figures) float64 { return f.Answer }), Ratio: of(func(f figures) float64 { return f.Ratio }),
	}
}

// judge prints the table and fails the test where a bar is missed.
func judge(t *testing.T, cells []cell, java, ours []figures) {
	t.Helper()
	fmt.Println("| keys | linger / batch | mean ms, Java | kdyno | p99 ms | | batch bytes | | records a request | | queue ms | | answer ms | | lag ms | | |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	outside := 0
	for i, c := range cells {
		j, k := java[i], ours[i]
		far := ""
		if c.linger > 0 && math.Abs(k.Mean/j.Mean-1) > latencyWithin {
			far += " latency"
		}
		if math.Abs(k.Batch/j.Batch-1) > batchWithin {
			far += " batch"
		}
		if far != "" {
			outside++
		}
		fmt.Printf("| %s | %d / %d | %.2f | %.2f (%+.0f %%) | %.1f | %.1f | %.0f | %.0f (%+.0f %%) | %.1f | %.1f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |%s |\n",
			c.keys, c.linger, c.batch>>10, j.Mean, k.Mean, 100*(k.Mean/j.Mean-1), j.P99, k.P99,
			j.Batch, k.Batch, 100*(k.Batch/j.Batch-1), j.InRequest, k.InRequest, j.Queue, k.Queue, j.Answer, k.Answer, j.Lag, k.Lag, far)
	}
	half := len(cells) / 2
	for name, part := range map[string][2]int{"without keys": {0, half}, "with keys": {half, len(cells)}, "all": {0, len(cells)}} {
		rho := spearman(means(java[part[0]:part[1]]), means(ours[part[0]:part[1]]))
		fmt.Printf("order by mean latency, %s: Spearman %.3f\n", name, rho)
		if rho < orderAtLeast {
			t.Errorf("order by mean latency, %s: Spearman %.3f, want at least %.1f", name, rho, orderAtLeast)
		}
	}
	fmt.Printf("outside: %d of %d cells\n", outside, len(cells))
	if outside > mayBeOutside {
		t.Errorf("%d of %d cells are outside, want at most %d", outside, len(cells), mayBeOutside)
	}
}

func means(all []figures) []float64 {
	var xs []float64
	for _, f := range all {
		xs = append(xs, f.Mean)
	}
	return xs
}

// spearman is the correlation of the ranks. No two of the values are equal.
func spearman(a, b []float64) float64 {
	n, sum := float64(len(a)), 0.0
	for i := range a {
		d := float64(rank(a, a[i]) - rank(b, b[i]))
		sum += d * d
	}
	return 1 - 6*sum/(n*(n*n-1))
}

func rank(xs []float64, x float64) int {
	sorted := slices.Clone(xs)
	slices.Sort(sorted)
	return slices.Index(sorted, x)
}
