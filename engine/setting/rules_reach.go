package setting

import (
	"fmt"
	"strings"
)

func oneBootstrapServer(j judged) (Problem, bool) {
	if len(j.asked.Addresses()) != 1 || j.facts.Brokers == 1 {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{BootstrapServers},
		Say: "bootstrap.servers names one host only.",
		Why: "While that host is down no producer can start, although the cluster lives.",
	}, true
}

func namelessClient(j judged) (Problem, bool) {
	if j.asked.Text(ClientID) != "" {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{ClientID},
		Say: "client.id is empty.",
		Why: "The brokers' logs, metrics and quotas cannot tell this producer from others.",
		Fix: map[Key]string{ClientID: "kdyno"},
	}, true
}

func addressTwice(j judged) (Problem, bool) {
	to, twice := once(j.asked)
	if !twice {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{BootstrapServers},
		Say: fmt.Sprintf("bootstrap.servers names %d hosts, and some twice.", strings.Count(j.asked.Text(BootstrapServers), ",")+1),
		Why: "The Java client drops what stands there again; it is no second host to start from.",
		Fix: map[Key]string{BootstrapServers: to},
	}, true
}
