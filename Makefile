# make drill   set up, build, replay the release-bucket outage with its runbook
# make test    set up, build, run the tests
# make test-every-arm   the same, with the drills of every arm of every scenario
# make setup   only install what is needed
# make build   set up and build

SHELL := /bin/sh
# Hundreds of tests at once would starve each other on two cores.
FEW_AT_ONCE := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
BIN := .build/release

.PHONY: setup build drill test test-every-arm clean

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

clean:
	rm -rf .build .firedrill
