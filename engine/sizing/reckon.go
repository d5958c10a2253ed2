package sizing

import (
	"fmt"
	"math"

	"kdyno/engine/setting"
)

// spare is how much more room a buffer gets than what is to wait in it: retries
// come on top when the brokers are back.
const spare = 2

// The share of a host's memory that a producer's buffer usually has at most.
const usualShare = 0.05

func bufferMemory(d *desk) {
	rate := d.need("rate", "rate", d.in.Rate, records)
	record := d.need("size", "record", d.in.Record, bytes)
	stall := d.need("stall", "stall", d.in.Stall, span)
	batch := d.own(setting.BatchSize)
	if len(d.missing) > 0 {
		return
	}
	need := rate * record * stall / 1000 * spare
	d.step("%s x %s x %s x %d = %s", records(rate), bytes(record), span(stall), spare, bytes(need))
	if partitions := d.note("partitions", d.in.Partitions, count); partitions > 0 {
		least := partitions * batch
		d.step("at least a batch for each partition: %.0f x %s = %s", partitions, bytes(batch), bytes(least))
		need = max(need, least)
	}
	need = upTo(need, 1<<20)
	d.step("in whole MiB: %.0f MiB", need/(1<<20))
	d.is(need)
	if memory := d.note("memory of this host", d.in.Memory, bytes); memory > 0 {
		share := need / memory
		d.out.MemoryShare = &share
		d.say("That is %s of the memory of this host; 1 to 5 %% is usual.", percent(share))
		if share > usualShare {
			d.say("It rides out %s of stall with %.0f %% of the memory.", span(usualShare*memory/(rate*record*spare)*1000), 100*usualShare)
		}
	}
	d.say("What waits longer than delivery.timeout.ms fails, however large the buffer is.")
}

func percent(share float64) string {
	if share < 0.1 {
		return fmt.Sprintf("%.2g %%", 100*share)
	}
	return grouped(100*share) + " %"
}

func batchSize(d *desk) {
	rate := d.need("rate", "rate", d.in.Rate, records)
	record := d.need("size", "record", d.in.Record, bytes)
	linger := d.own(setting.LingerMs)
	partitions := max(1, d.note("partitions at a time", d.in.Partitions, count))
	if len(d.missing) > 0 {
		return
	}
	gathers := rate * record * linger / 1000 / partitions
	d.step("%s x %s x %s / %.0f = %s gather in one batch while it lingers", records(rate), bytes(record), span(linger), partitions, bytes(gathers))
	least := float64(defaultOf(setting.BatchSize))
	if gathers <= least {
		d.step("that is less than the default, so linger.ms closes the batches and %s is never full", bytes(least))
		d.is(least)
		if linger == 0 {
			d.say("With linger.ms=0 batches only fill while requests are in flight.")
		} else {
			d.say("A larger batch.size changes nothing here; more linger.ms does.")
		}
		return
	}
	const step = 16 << 10
	need := upTo(gathers, step)
	d.step("in steps of 16 KiB: %s", bytes(need))
	if most := d.own(setting.MaxRequestSize); need > most {
		need = max(most, least)
		d.step("a batch is no larger than a request: %s", bytes(need))
		d.say("To fill larger ones raise max.request.size, and the topic's max.message.bytes with it.")
	}
	d.is(need)
	d.say("Every partition that is written holds such a batch of buffer.memory.")
}

func defaultOf(k setting.Key) int64 { return setting.Defaults().Int(k) }

// idempotentMost is how many requests idempotence allows.
const idempotentMost = 5

// underWay is what a connection carries at once.
func (d *desk) underWay() float64 {
	rtt := d.need("rtt", "round trip", d.in.RTT, span)
	bandwidth := d.note("bandwidth", d.in.Bandwidth, perSec)
	if bandwidth <= 0 {
		rate := d.need("rate", "rate", d.in.Rate, records)
		record := d.need("size", "record", d.in.Record, bytes)
		nodes := max(1, d.note("brokers", d.in.Nodes, count))
		bandwidth = rate * record / nodes
		if len(d.missing) == 0 {
			d.step("%s x %s / %.0f brokers = %s on each connection", records(rate), bytes(record), nodes, perSec(bandwidth))
		}
	}
	if len(d.missing) > 0 {
		return 0
	}
	bytesUnderWay := bandwidth * rtt / 1000
	d.step("%s x %s = %s under way", perSec(bandwidth), span(rtt), bytes(bytesUnderWay))
	return bytesUnderWay
}

func inFlight(d *desk) {
	underWay := d.underWay()
	request, of := d.own(setting.BatchSize), "batch"
	if request == 0 { // then a batch is one record
		request, of = d.need("size", "record", d.in.Record, bytes), "record"
	}
	if len(d.missing) > 0 {
		return
	}
	need := max(1, math.Ceil(underWay/request))
	d.step("%s / %s of a request of one %s = %s in flight", bytes(underWay), bytes(request), of, grouped(need))
	if need <= idempotentMost {
		if usual := float64(defaultOf(setting.MaxInFlight)); usual > need {
			d.say("The default of %.0f does as well: slots that are not needed cost nothing.", usual)
			need = usual
		}
		d.is(need)
		return
	}
	if d.in.Values.Effective().Bool(setting.EnableIdempotence) {
		d.step("idempotence allows %d, so a batch has to hold %s / %d = %s", idempotentMost, bytes(underWay), idempotentMost, bytes(upTo(underWay/idempotentMost, 1<<10)))
		d.is(idempotentMost)
		d.say("Size batch.size instead: larger batches, or several partitions in one request, carry what requests in flight may not.")
		return
	}
	d.is(need)
	d.say("Without idempotence more than one request in flight may change the order after a retry.")
}

func sendBuffer(d *desk) {
	underWay := d.underWay()
	if len(d.missing) > 0 {
		return
	}
	const step = 64 << 10
	need := max(upTo(underWay, step), float64(defaultOf(setting.SendBufferBytes)))
	d.step("in steps of 64 KiB, and not below the default: %s", bytes(need))
	d.is(need)
	d.say("-1 leaves it to the operating system, which grows it by itself up to its own limit (net.ipv4.tcp_wmem).")
}

// tailTimes is how far the timeout stays above the slowest answers.
const tailTimes = 3

func requestTimeout(d *desk) {
	tail := d.need("tail", "p99.9 of the answers", d.in.Tail, span)
	if len(d.missing) > 0 {
		return
	}
	need := tail * tailTimes
	d.step("%d x %s = %s", tailTimes, span(tail), span(need))
	if lag := d.note("replica.lag.time.max.ms", d.in.Lag, span); lag > need && d.in.Values.Text(setting.Acks) == "all" {
		d.step("with acks=all not below replica.lag.time.max.ms: %s", span(lag))
		need = lag
	}
	d.is(math.Ceil(need))
	d.say("Answers are slow in an election, too, for as long as broker.session.timeout.ms (9 s); a timeout below that only makes retries.")
	d.say("A larger one notices a broker that hangs later: its connection is only closed then.")
}

// restartTimes is how many restarts of a broker a record outlives.
const restartTimes = 4

func deliveryTimeout(d *desk) {
	restart := d.need("restart", "restart of a broker", d.in.Restart, span)
	linger, request := d.own(setting.LingerMs), d.own(setting.RequestTimeoutMs)
	if len(d.missing) > 0 {
		return
	}
	need := restart * restartTimes
	d.step("%d x %s = %s", restartTimes, span(restart), span(need))
	least := linger + request
	d.step("not below linger.ms + request.timeout.ms: %s + %s = %s", span(linger), span(request), span(least))
	d.is(max(need, least))
	d.say("All records of that time wait in buffer.memory: size it for the same outage.")
}
