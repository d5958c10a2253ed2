package draw

import (
	"math/bits"
	"strings"
)

// The glyphs of the screen. None of them is an emoji or wide anywhere.
const (
	Ready   = '■' // a ready batch, a slot in use
	Filling = '□' // a batch that is filling
	Free    = '·' // a free slot
	Dashed  = '┊' // a revision or a mark in a chart
	Rule    = '─' // a head's line, a chart's stroke
	Dot     = '·' // between words
)

// plainer says what stands for a glyph where only ASCII is wanted.
var plainer = map[rune]byte{
	'─': '-', '│': '|', '╭': '+', '╮': '+', '╰': '+', '╯': '+', '├': '+', '┤': '|', '┬': '+', '┴': '+', '┼': '+', '└': '+',
	Dashed: ':', '╌': '-', Ready: '#', Filling: 'o', Free: '.', Ellipsis: '~', '±': '~', '≥': '>', '≤': '<', '–': '-', '×': 'x',
	'█': '#', '▉': '#', '▊': '#', '▋': '#', '▌': '=', '▍': '=', '▎': '-', '▏': '-',
	'▁': '_', '▂': '_', '▃': '.', '▄': '-', '▅': '-', '▆': '=', '▇': '=', '░': '.', '▒': ':', '▓': '%',
	'╶': '-', '╴': '-', '╵': '|', '╷': '|',
}

func ascii(r rune) byte {
	if r >= 0x20 && r <= 0x7e {
		return byte(r)
	}
	if b, ok := plainer[r]; ok {
		return b
	}
	if r >= 0x2800 && r <= 0x28ff { // braille: how much of the cell is inked
		return " ..::**##"[bits.OnesCount32(uint32(r-0x2800))]
	}
	return '?'
}

// thicker says what a stroke is on a projector.
var thicker = map[rune]rune{
	'─': '━', '│': '┃', '╭': '┏', '╮': '┓', '╰': '┗', '╯': '┛', '├': '┣', '┤': '┫', '┬': '┳', '┴': '┻', '┼': '╋', '└': '┗',
	Dashed: '┇', '╌': '╍', '╶': '╺', '╴': '╸', '╵': '╹', '╷': '╻',
}

// ToASCII writes a text of this package's glyphs in plain ASCII.
func ToASCII(s string) string {
	return strings.Map(func(r rune) rune { return rune(ascii(r)) }, s)
}
