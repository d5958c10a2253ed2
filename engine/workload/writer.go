package workload

import "strconv"

// A writer writes one document at the end of b, from the draws of its seed.
type writer struct {
	b     []byte
	draws stream
}

// line writes size bytes of text.
func (w *writer) line(size int) {
	end := len(w.b) + size
	w.text(lineHead)
	if len(w.b) > end {
		w.b = w.b[:end-size]
	}
	w.words(end)
}

// document writes most bytes, and may be cut to least, which is no less than
// the shortest document. The fields stand in one order, and one that does not
// fit is the end of them: what the head holds is written over for each record,
// at fixed places.
func (w *writer) document(least, most int) {
	begin := len(w.b)
	room := begin + least - len(closing)
	end := begin + least
	w.text(openID).text(`0000000000000000"`)
	fields := []func(){
		func() { w.text(openOrder).text("1000000000") },
		func() { w.text(openAt).text(`00:00:00.000Z"`) },
		func() { w.text(openAmount).text("100.00") },
		w.sale, w.customer, w.device,
		func() { w.items(room - (end-len(w.b))/4) },
	}
	for _, field := range fields {
		if !w.try(room, field) {
			break
		}
	}
	w.text(`,"note":"`)
	w.words(begin + most - len(`"}`))
	w.text(`"}`)
}

// try keeps what field writes if it ends at or before limit.
func (w *writer) try(limit int, field func()) bool {
	before := len(w.b)
	field()
	if len(w.b) <= limit {
		return true
	}
	w.b = w.b[:before]
	return false
}

func (w *writer) sale() {
	w.text(`,"currency":"`).word(currencies).text(`","status":"`).word(statuses).text(`"`)
}

func (w *writer) customer() {
	given, family := w.pick(givenNames), w.pick(familyNames)
	w.text(`,"customer":{"name":"`).text(given).text(` `).text(family)
	w.text(`","email":"`).text(given).text(`.`).text(family).number(100).text(`@`).word(mails)
	w.text(`","city":"`).word(cities).text(`","country":"`).word(countries)
	w.text(`","tier":"`).word(tiers).text(`"}`)
}

func (w *writer) device() {
	w.text(`,"device":{"ip":"10.`).number(256).text(`.`).number(256).text(`.`).number(256)
	w.text(`","os":"`).word(systems).text(`","session":"`)
	w.b = append(w.b, "0000000000000000"...)
	putHex(w.b[len(w.b)-16:], w.draws.next())
	w.text(`"}`)
}

// items writes as many items as end before the limit, or no list.
func (w *writer) items(limit int) {
	before := len(w.b)
	w.text(`,"items":[`)
	if !w.try(limit-1, w.item) {
		w.b = w.b[:before]
		return
	}
	for w.try(limit-1, func() { w.text(`,`); w.item() }) {
	}
	w.text(`]`)
}

func (w *writer) item() {
	w.text(`{"sku":"`).letter().letter().text(`-`).number(100_000)
	w.text(`","name":"`).word(adjectives).text(` `).word(goods)
	w.text(`","qty":`).number(9).text(`,"price":`).number(400).text(`.`).digit().digit().text(`}`)
}

// words writes prose up to the exact end.
func (w *writer) words(end int) {
	for len(w.b) < end {
		w.word(prose).text(` `)
	}
	w.b = w.b[:end]
}

func (w *writer) text(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

func (w *writer) pick(list []string) string { return list[w.draws.below(len(list))] }

func (w *writer) word(list []string) *writer { return w.text(w.pick(list)) }

func (w *writer) number(below int) *writer {
	w.b = strconv.AppendInt(w.b, int64(w.draws.below(below)), 10)
	return w
}

func (w *writer) letter() *writer {
	w.b = append(w.b, byte('A'+w.draws.below(26)))
	return w
}

func (w *writer) digit() *writer {
	w.b = append(w.b, byte('0'+w.draws.below(10)))
	return w
}
