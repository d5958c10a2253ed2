// Package draw makes pictures of numbers out of text cells: a canvas of exact
// size, boxes, bars, charts, figures in fixed width, and the themes that give
// them colour. The panes call it; it knows nothing of Kafka and measures
// nothing. Nothing in it is safe for two goroutines at once; the screen draws
// from one.
package draw
