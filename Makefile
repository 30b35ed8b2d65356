# make drill   set up, build, replay the release-bucket outage with its runbook
# make test    set up, build, run the tests
# make test-every-arm   the same, with the drills of every arm of every scenario
# make validate   set up, build, compare every fix with its control once and answer the claims (about 35 minutes)
# make validate-repeated   the same REPEAT times each (5), with intervals
# make check   format lint, thread and address sanitizer, coverage
# make killtest   kill a run at more than 200 moments, and look at what is left
# make fuzz    a million mutated inputs
# make safety-table   put the last two's figures into docs/safety.md
# make screenshots  open the pages of all runs in a browser: pictures and an accessibility check in .firedrill/screenshots
# make mutate   one mistake at a time in each of the five runbooks (long: about ninety replays)
# make bench   measure Firedrill's SSH beside other clients (docs/benchmarks.md); BENCH="--hosts 16 --rounds 3" for less
# make bench-replay   measure replays: boot, growth, probes, memory
# make setup   only install what is needed
# make build   set up and build

SHELL := /bin/sh
# Hundreds of tests at once would starve each other on two cores.
FEW_AT_ONCE := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=5
BIN := .build/release
# How often validate-repeated plays each arm.
REPEAT := 5

# Figures of killtest and fuzz, for safety-table.
RESULTS := $(CURDIR)/.build/safety
KILL_POINTS := 220
FUZZ_INPUTS := 1000000

.PHONY: setup build drill test test-every-arm validate validate-repeated mutate check killtest fuzz safety-table screenshots bench bench-replay clean

setup:
	@scripts/setup

build: setup
	@echo "build: firedrill and testnode, release (the first time takes some minutes)"
	@scripts/quietly swift build -c release -Xlinker -s

drill: build
	@$(BIN)/firedrill run harmony-release-bucket --arm runbook

test:
	@scripts/setup --tests
	@scripts/python-clients
	@$(MAKE) --no-print-directory build
	@echo "test: building the tests"
	@scripts/quietly swift build --build-tests
	@echo "test: units and integration (ssh, hosts, nodes, bucket)"
	@TESTS_AGAIN=4 $(FEW_AT_ONCE) scripts/tests --skip DrillTests
	@echo "test: whole drills"
	@scripts/tests --filter DrillTests

test-every-arm:
	@FIREDRILL_EVERY_ARM=1 $(MAKE) --no-print-directory test

validate: build
	@$(BIN)/firedrill validate all

validate-repeated: build
	@$(BIN)/firedrill validate all --repeat $(REPEAT)

check:
	@scripts/check

killtest:
	@scripts/setup --tests
	@$(MAKE) --no-print-directory build
	@scripts/quietly swift build --build-tests
	@mkdir -p $(RESULTS)
	@echo "killtest: $(KILL_POINTS) moments, two runs at a time (twenty minutes or so)"
	@FIREDRILL_RESULTS=$(RESULTS) FIREDRILL_KILL_POINTS=$(KILL_POINTS) scripts/tests --filter 'Kills'
	@FIREDRILL_RESULTS=$(RESULTS) scripts/tests --filter 'GuardAttackTests|fromAHostNothingOutside'

fuzz:
	@scripts/setup --tests
	@scripts/quietly swift build --build-tests
	@mkdir -p $(RESULTS)
	@echo "fuzz: $(FUZZ_INPUTS) inputs"
	@FIREDRILL_RESULTS=$(RESULTS) FIREDRILL_FUZZ_INPUTS=$(FUZZ_INPUTS) scripts/tests --filter '^FuzzTests'

safety-table:
	@FIREDRILL_RESULTS=$(RESULTS) FIREDRILL_WRITE_REFERENCE=1 swift test --filter SafetyTableTests

screenshots:
	@scripts/setup --pages
	@scripts/look-at-pages .firedrill/screenshots .firedrill/index.html $$(ls -d .firedrill/runs/*/report.html | tail -n 6)

# Goes through all of them whatever came of one; ends as the last one did that was not all right.
mutate: build
	@code=0; for pair in release-bucket-revoked:harmony-release-bucket \
	    shard-stuck-in-view-change:harmony-epoch-view-change endpoints-wiped:harmony-endpoints-wiped \
	    witness-failover:steem-witness-failover public-node-corrupt:eosdac-public-node; do \
	    echo "mutate: $${pair%%:*} in $${pair##*:}"; \
	    $(BIN)/firedrill mutate "$${pair%%:*}" --scenario "$${pair##*:}" || code=$$?; \
	done; exit $$code

bench:
	@scripts/setup --bench
	@scripts/bench-peers >/dev/null
	@FIREDRILL_BENCHMARKS=1 scripts/quietly swift build -c release -Xlinker -s --product fleet-bench
	@scripts/bench fleet $(BENCH)

bench-replay: build
	@scripts/bench replay $(BENCH)

clean:
	rm -rf .build .firedrill
