# make drill   set up, build, replay the release-bucket outage with its runbook
# make test    set up, build, run the tests
# make test-every-arm   the same, with the drills of every arm of every scenario
# make validate   set up, build, compare every fix with its control once and answer the claims (about 20 minutes)
# make validate-repeated   the same REPEAT times each (5), with intervals
# make bench   measure Firedrill's SSH beside other clients (docs/benchmarks.md); BENCH="--hosts 16 --rounds 3" for less
# make bench-replay   measure replays: boot, growth, probes, memory
# make setup   only install what is needed
# make build   set up and build

SHELL := /bin/sh
# Hundreds of tests at once would starve each other on two cores.
FEW_AT_ONCE := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
BIN := .build/release
# How often validate-repeated plays each arm.
REPEAT := 5

.PHONY: setup build drill test test-every-arm validate validate-repeated bench bench-replay clean

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
	@$(FEW_AT_ONCE) swift test --skip-build --skip DrillTests
	@echo "test: whole drills"
	@swift test --skip-build --filter DrillTests

test-every-arm:
	@FIREDRILL_EVERY_ARM=1 $(MAKE) --no-print-directory test

validate: build
	@$(BIN)/firedrill validate all

validate-repeated: build
	@$(BIN)/firedrill validate all --repeat $(REPEAT)

bench:
	@scripts/setup --bench
	@scripts/bench-peers >/dev/null
	@FIREDRILL_BENCHMARKS=1 scripts/quietly swift build -c release -Xlinker -s --product fleet-bench
	@scripts/bench fleet $(BENCH)

bench-replay: build
	@scripts/bench replay $(BENCH)

clean:
	rm -rf .build .firedrill
