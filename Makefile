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
# Passed on to the benchmark, such as --stages rate --peers sqlite postgres.
BENCH_FLAGS ?=
# End-to-end tests that run side by side; most wait for something most of the time.
E2E_JOBS ?= 4

# Histories that `make simulate` plays; SIMULATION_FIRST is the first one's seed.
SIMULATION_SEEDS ?= 1000000

# How long each fuzzer runs, two at a time.
FUZZ_SECONDS ?= 60

BINARY := $(SCRATCH)/release/bigpanda-gateway
ECHO := $(SCRATCH)/release/http-echo
# The benchmark's company in Swift, a package of its own.
PEER := $(SCRATCH)/bench/peer
VENV := .build/venv
# schemathesis has dependencies of its own.
FUZZ_VENV := .build/venv-schemathesis
SWIFT_FLAGS := --scratch-path $(SCRATCH) --explicit-target-dependency-import-check error
SWIFT_SOURCES := Sources Tests Package.swift
# Not --sanitize twice: swift build passes the two on in any order, and the compiler heeds the last.
FUZZ_FLAGS := --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=address
FUZZ_FLAGS += -Xswiftc -enable-testing -Xswiftc -assert-config -Xswiftc Debug
# The targets with threads of their own, and those that hand work to them.
THREADED := ^(EventLoop|Curl|HTTPServer|AlertStorage|StubBigPanda|GatewayApp)Tests

# The end-to-end tests that have a long form.
SOAKED := crash_storm close_storm long_outage slow_clients timing power_loss nth_failure failing_start \
    openapi_fuzz replica_storm migrate_kills

.PHONY: help install build unit release echo binary deb demo bench test check lint format asan tsan \
    fuzz e2e screenshots soak simulate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install the packages the build needs, when they are missing
	@.ci/install

demo: install release ## build, then watch an incident's whole life; Ctrl-C ends it
	@.ci/foreground $(BINARY) demo $(DEMO_FLAGS)

test: install lint unit asan tsan fuzz release echo binary e2e ## everything that must hold, as CI runs it

build: ## build for debugging
	swift build $(SWIFT_FLAGS)

release: ## build the program that is shipped
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --disable-local-rpath --product bigpanda-gateway

echo: ## build the HTTP server by itself, for the end-to-end tests
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product http-echo

check: ## a quick look while working: make check FILTER=AlertMachine
	swift test $(SWIFT_FLAGS) --disable-xctest --filter '$(FILTER)'

unit: ## unit, contract and architecture tests
	swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --disable-xctest

asan: ## the tests of the C wrappers under AddressSanitizer and LeakSanitizer
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/lsan.supp:print_suppressions=0 GATEWAY_WRAPPERS=1 \
	swift test --scratch-path $(SCRATCH)-asan --sanitize=address --disable-xctest

tsan: ## the tests of what uses threads under ThreadSanitizer
	swift build --scratch-path $(SCRATCH)-tsan --sanitize=thread --build-tests
	clang -shared -fPIC -O1 -Wall -Wextra -Werror -o $(SCRATCH)-tsan/mutex_slow_path.so \
	    Tests/ThreadSanitizer/mutex_slow_path.c
	SWIFT_BACKTRACE=enable=no LD_PRELOAD='$(abspath $(SCRATCH)-tsan/mutex_slow_path.so)' \
	timeout 600 swift test --scratch-path $(SCRATCH)-tsan --sanitize=thread --skip-build \
	    --disable-xctest --filter '$(THREADED)'

fuzz: ## feed the readers of what comes from outside: make fuzz FUZZ_SECONDS=600
	@for fuzzer in HTTP JSON BigPanda Configuration; do \
	    GATEWAY_FUZZING=1 swift build --scratch-path $(SCRATCH)-fuzz -c release \
	        $(FUZZ_FLAGS) --product Fuzz$$fuzzer; \
	done
	FUZZ_SECONDS=$(FUZZ_SECONDS) .ci/fuzz $(SCRATCH)-fuzz

binary: ## what the release binary links, and its size
	@.ci/check-binary $(BINARY)

deb: install release ## pack the program for Debian
	deploy/debian/build-package $(BINARY) $(SCRATCH)/package
	@ls -l $(SCRATCH)/package/*.deb

e2e: $(VENV)/ready $(FUZZ_VENV)/ready ## drive the release binary from outside: make e2e E2E_FLAGS='-k webhook'
	GATEWAY_BINARY='$(abspath $(BINARY))' HTTP_ECHO_BINARY='$(abspath $(ECHO))' \
	    SCHEMATHESIS='$(abspath $(FUZZ_VENV))/bin/schemathesis' \
	    .ci/end-to-end $(VENV)/bin/python $(E2E_JOBS) $(E2E_FLAGS)

bench: release $(VENV)/ready ## measure beside nginx and others, 12 minutes: make bench BENCH_FLAGS=--quick
	@.ci/install wrk nginx-light prometheus-alertmanager
	swift build --package-path Tests/Benchmark/Peer --scratch-path $(PEER) -c release \
	    --static-swift-stdlib
	$(VENV)/bin/python Tests/Benchmark/bench.py --binary $(BINARY) \
	    --peer-binary $(PEER)/release/BenchmarkPeer --place $(SCRATCH)/bench $(BENCH_FLAGS)

screenshots: release $(VENV)/ready ## take the pictures of the web UI that the README shows
	GATEWAY_SCREENSHOTS='$(CURDIR)/docs/images' GATEWAY_BINARY='$(abspath $(BINARY))' \
	    $(VENV)/bin/python -m pytest Tests/EndToEnd/test_ui_pages.py -k pictures

soak: FUZZ_SECONDS := 3600
soak: release simulate fuzz $(VENV)/ready $(FUZZ_VENV)/ready ## the fault tests at length, by hand: some hours
	GATEWAY_CRASH_ROUNDS=1000 GATEWAY_CLOSE_RESOLVES=10000 GATEWAY_CLOSE_KILLS=20 \
	    GATEWAY_OUTAGE_REAL=1 GATEWAY_SLOW_CLIENTS=10000 GATEWAY_TIMING_REFUSALS=50000 \
	    GATEWAY_REPLICA_KILLS=300 GATEWAY_REPLICA_RESOLVES=1500 \
	    GATEWAY_MIGRATE_KILLS=300 GATEWAY_MIGRATE_ALERTS=5000 \
	    GATEWAY_POWER_CUTS=200 GATEWAY_NTH_STEP=1 GATEWAY_FUZZ_REQUESTS=20000 \
	    SCHEMATHESIS='$(abspath $(FUZZ_VENV))/bin/schemathesis' \
	    GATEWAY_BINARY='$(abspath $(BINARY))' \
	    $(VENV)/bin/python -m pytest $(SOAKED:%=Tests/EndToEnd/test_%.py) $(E2E_FLAGS)

simulate: ## a million histories of the domain: make simulate SIMULATION_SEEDS=100000
	SIMULATION_SEEDS=$(SIMULATION_SEEDS) swift test --scratch-path $(SCRATCH)-simulation \
	    -c release -Xswiftc -enable-testing --disable-xctest --filter '^SimulationTests'

lint: ## formatting, scripts that parse
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@for script in .ci/* deploy/debian/build-package; do bash -n "$$script"; done
	@for script in deploy/debian/*.p{rerm,ostinst,ostrm}; do sh -n "$$script"; done

format: ## put the sources into the house's format
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

clean: ## remove everything that was built
	@if [ -e .build/chroot ] && [ ! -O .build/chroot ]; then sudo rm -rf .build/chroot; fi
	rm -rf $(SCRATCH) $(SCRATCH)-asan $(SCRATCH)-tsan $(SCRATCH)-fuzz $(SCRATCH)-simulation $(VENV) \
	    $(FUZZ_VENV)

$(VENV)/ready: Tests/EndToEnd/requirements.txt
$(FUZZ_VENV)/ready: Tests/EndToEnd/schemathesis.txt
$(VENV)/ready $(FUZZ_VENV)/ready:
	@rm -rf $(@D)
	@python3 -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
