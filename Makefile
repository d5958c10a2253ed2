# Every target runs on a machine with Go; race needs gcc, kafka-* install Java and Maven on Debian.
# The version of golangci-lint is pinned on line 1 of .golangci.yml; govulncheck here.

GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME ?= 30s
BENCH ?= .
SOAK ?= 10m

.PHONY: check fmt lint test race cross bench bench-screen bench-xray bench-wide bench-peers fidelity tries soak day fuzz golden demo vuln kafka-up kafka-down integration configdef partitions

# check is what a commit has to pass.
check: lint race
	go vet ./...
	go mod tidy -diff
	go -C engine/audit/rediscovery mod tidy -diff

# fmt writes the formatting that lint asks for (gofumpt and goimports).
fmt:
	.ci/golangci fmt

lint:
	.ci/golangci fmt --diff
	.ci/golangci run

test:
	go test ./...

race:
	go test -race -shuffle=on ./...

# cross builds for every system that a user may sit at.
cross:
	.ci/cross

# bench prints the medians of the cost of watching: BENCH=regexp for others.
bench:
	go test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m ./engine/...

# bench-screen prints what the workbench costs beside `kdyno run` (needs tmux), and how soon a key is painted.
bench-screen:
	.ci/bench-screen
	go test -run '^$$' -bench 'Frame|ViewKept|KeyToPaint' -benchmem ./ui

# bench-xray prints what the proxy of kdyno xray costs the Java producer before real Kafka.
bench-xray:
	.ci/bench-xray

# soak watches goroutines and memory of the workbench on a terminal at 20,000 records/s for SOAK.
soak:
	go test -count=1 -run TestWorkbenchHoldsStill -v -timeout 2h ./ui/cli -soak $(SOAK)

# bench-wide prints what 1,000 partitions on 50 brokers and 64 senders cost beside a bare client, what a
# snapshot takes there, and what is held over five minutes flat out.
bench-wide:
	go test -run '^$$' -bench 'Wide$$|WideMemory' -benchtime 1x -timeout 60m ./engine
	go test -run '^$$' -bench WideSnapshot -benchtime 1000x ./engine

# bench-peers prints how fast kdyno, Kafka's own perf test and librdkafka are on three nodes of real Kafka.
bench-peers: kafka-up
	.ci/figures TestPeers; status=$$?; .ci/kafka/down; exit $$status

# fidelity holds latency and batches of 24 configurations beside the Java producer's, on three nodes of
# real Kafka; half an hour, for a machine that does nothing else.
fidelity: kafka-up
	.ci/figures TestFidelity; status=$$?; .ci/kafka/down; exit $$status

# tries counts how often and when a batch is written again on each path of error, beside the Java producer.
tries:
	.ci/figures 'TestTries|TestExpiredUnanswered'

# day lets 1,440 faults of all kinds happen in a simulated day, under audit.
day:
	GOMAXPROCS=1 GOGC=400 go test -count=1 -run TestAnHourOfFaultsIsSurvived -v ./engine -day

# fuzz runs every fuzz target for FUZZTIME.
fuzz:
	.ci/fuzz $(FUZZTIME)

# golden rewrites the goldens; the diff is for review.
golden:
	.ci/golden

# demo records the run that the demo states are drawn from, anew, and draws them.
demo:
	go test -count=1 -tags record -run TestRecordDemo ./ui
	go test -count=1 ./ui -update

# vuln needs the vulnerability database, so it stays out of check.
vuln:
	go run $(GOVULNCHECK) ./...

kafka-up:
	.ci/kafka/up

kafka-down:
	.ci/kafka/down

# integration runs the suite on three nodes of real Kafka and takes them down again.
integration: kafka-up
	.ci/integration; status=$$?; .ci/kafka/down; exit $$status

# configdef writes down the Java producer's own table of settings, which ours is held against.
configdef:
	.ci/kafka/configdef

# partitions writes down where the Java producer and librdkafka put keys, which our partitioners are held against.
partitions:
	.ci/kafka/partitions
