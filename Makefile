# Everything that a developer or a machine runs has a name here; `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# Where the build goes; another path lets two builds run side by side.
SCRATCH ?= .build
# What `make check` runs: a regular expression over target, suite and test names.
FILTER ?= .
# Passed on to the demo, such as --help.
DEMO_FLAGS ?=
# Passed on to pytest, such as -k webhook -x.
E2E_FLAGS ?=

# Histories that `make simulate` plays; SIMULATION_FIRST is the first one's seed.
SIMULATION_SEEDS ?= 1000000

BINARY := $(SCRATCH)/release/bigpanda-gateway
VENV := .build/venv
SWIFT_FLAGS := --scratch-path $(SCRATCH) --explicit-target-dependency-import-check error
SWIFT_SOURCES := Sources Tests Package.swift
# The end-to-end tests of which there is more to be had than `make e2e` takes.
SOAK := $(addprefix Tests/EndToEnd/test_,crash_storm.py power_loss.py \
    nth_failure.py failing_start.py)
# The targets that touch C memory.
WRAPPERS := ^(EventLoop|Curl|SQLite|TLS|JSON|HTTPServer|Compression)Tests

.PHONY: help install build unit release binary demo test check lint format asan e2e soak simulate \
    clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install the packages the build needs, when they are missing
	@.ci/install

demo: install release ## build, then watch an incident's whole life; Ctrl-C ends it
	@.ci/foreground $(BINARY) demo $(DEMO_FLAGS)

test: install lint unit asan release binary e2e ## everything that must hold, as CI runs it

build: ## build for debugging
	swift build $(SWIFT_FLAGS)

release: ## build the program that is shipped
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product bigpanda-gateway

check: ## a quick look while working: make check FILTER=AlertMachine
	swift test $(SWIFT_FLAGS) --disable-xctest --filter '$(FILTER)'

unit: ## unit, contract and architecture tests
	swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --disable-xctest

asan: ## the tests of the C wrappers under AddressSanitizer and LeakSanitizer
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/lsan.supp:print_suppressions=0 \
	swift test --scratch-path $(SCRATCH)-asan --sanitize=address --disable-xctest \
	    --filter '$(WRAPPERS)'

binary: ## what the release binary links, and its size
	@.ci/check-binary $(BINARY)

e2e: $(VENV)/ready ## drive the release binary from outside: make e2e E2E_FLAGS='-k webhook'
	GATEWAY_BINARY='$(abspath $(BINARY))' $(VENV)/bin/python -m pytest Tests/EndToEnd $(E2E_FLAGS)

soak: release simulate $(VENV)/ready ## the fault tests at length, by hand: an hour or more
	GATEWAY_CRASH_ROUNDS=1000 GATEWAY_POWER_CUTS=200 GATEWAY_NTH_STEP=1 \
	    GATEWAY_BINARY='$(abspath $(BINARY))' $(VENV)/bin/python -m pytest $(SOAK) $(E2E_FLAGS)

simulate: ## a million histories of the domain: make simulate SIMULATION_SEEDS=100000
	SIMULATION_SEEDS=$(SIMULATION_SEEDS) swift test --scratch-path $(SCRATCH)-simulation \
	    -c release -Xswiftc -enable-testing --disable-xctest --filter '^SimulationTests'

lint: ## formatting, scripts that parse
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@for script in .ci/*; do bash -n "$$script"; done

format: ## put the sources into the house's format
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

clean: ## remove everything that was built
	rm -rf $(SCRATCH) $(SCRATCH)-asan $(SCRATCH)-simulation $(VENV)

$(VENV)/ready: Tests/EndToEnd/requirements.txt
	@rm -rf $(VENV)
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
