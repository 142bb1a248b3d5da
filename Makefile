# Everything a newcomer needs. Each target prepares the machine first: a Swift 6.2+ toolchain and make are all that must be there.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Tests that start real servers run by themselves, after the others: both want all the processors there are.
SERVERS := ^(IntegrationTests|EndToEndTests)\.
# These compute for a minute: beside tests that wait for a moment they would starve them.
HEAVY := ^(MutationTests|BrowserTests)\.
# Each of these has a database of its own in one PostgreSQL, which all at once would keep from answering in time.
STORES := ^(StoreTests|AccountsTests|WebhooksTests|EventsTests)\.
.PHONY: help deps build test soak lint bench fuzz demo release clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

deps: ## Install what building and testing need (Debian packages, Python packages into .venv)
	@.ci/deps

build: deps ## Build the program for debugging
	swift build --product mailbridge

test: deps ## Run all tests: unit, with real mail servers, and the built program over HTTP
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --disable-xctest --skip-build --parallel --skip '$(SERVERS)|$(HEAVY)|$(STORES)'
	swift test --disable-xctest --skip-build --parallel --filter '$(HEAVY)'
	swift test --disable-xctest --skip-build --parallel --experimental-maximum-parallelization-width 8 --filter '$(STORES)'
	swift test --disable-xctest --skip-build --parallel --experimental-maximum-parallelization-width 4 --filter '$(SERVERS)'

soak: deps ## Let nodes, lines and the database fail for a quarter of an hour, with 200 accounts
	swift build --build-tests
	MAILBRIDGE_SOAK=1 swift test --disable-xctest --skip-build --filter NodeFailureTests

lint: deps ## Check formatting and the rules that the compiler cannot check
	swift format lint --strict --recursive --parallel Sources Tests Package.swift openapi
	.ci/soundness

bench: deps ## Measure, and print the table
	swift build -c release --product mailbridge
	swift run -c release Benchmarks

fuzz: deps ## Look for input that breaks a parser, by libFuzzer: FUZZ_SECONDS=60 for each, FUZZ_PARSERS="json html"
	Tests/Fuzz/fuzz.sh

demo: deps ## Start Dovecot, Postfix and Mailbridge, and read and send mail through them (DEMO_EXIT=1 ends by itself)
	Tests/Demo/demo.sh

release: deps ## Build the program for release: .build/release/mailbridge
	swift build -c release --product mailbridge --static-swift-stdlib

clean: ## Remove what was built
	rm -rf .build .venv
