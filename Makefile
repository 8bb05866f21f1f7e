# Nod's commands. `make` alone lists them.
#
# Go's caches and proxy come from the environment, as they do for the go
# command itself. What is built goes to bin/, what Nod stores locally to var/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

GO ?= go
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w'

# Further flags for go test, e.g. make test TESTFLAGS='-run TestGate -v'
TESTFLAGS ?=
# Which benchmarks; for how long each fuzz target runs (5s) or with how many inputs (500x),
# and how it is built: -race takes what the tests have compiled, but has no guidance
BENCH ?= .
FUZZTIME ?= 5s
FUZZBUILD ?= -fuzz=.

# How many processes make residue searches on each cloud
RUNS ?= 24

# How many functions and how many primaries of the database make ha kills, how often the
# cluster falters otherwise, in each way, and how often a clock jumps
KILLS ?= 200
FAILOVERS ?= 10
MISHAPS ?= 1
JUMPS ?= 100

export GO TESTFLAGS FUZZTIME FUZZBUILD

.PHONY: help
help: ## list these commands
	@echo 'Nod - separate consent, one face check, pass or fail, and a record of it'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what the tests need: Go modules, PostgreSQL, Chromium, fonts, a C compiler, npm
	@scripts/setup.sh tests

.PHONY: run
run: bin/nod ## start Nod on http://127.0.0.1:8080 with a demo enterprise; data in var/ (ARGS=-h tells more)
	@exec bin/nod run $(ARGS)

.PHONY: demo
demo: bin/nod ## play the whole job, from consent to revoked delegation, and check every step
	@exec bin/nod demo

.PHONY: test
test: ## check everything: set-up, format, vet, staticcheck, tests with the race detector
	@scripts/test.sh

.PHONY: residue
residue: ## search the built verify for anything that a check leaves of an image or a name; renews docs/no-trace.md
	@scripts/setup.sh tests
	@echo 'Building verify, as it is deployed, and bin/nod'
	@CLOUDS=scf scripts/build.sh dist verify
	@mkdir -p bin
	@$(BUILD) -o bin/nod ./cmd/nod
	@scripts/residue.sh $(RUNS)

.PHONY: load
load: bin/nod ## play an exam morning of 100,000 people (LOAD='-people 3000 -within 30s' plays another); the report is load.html
	@scripts/setup.sh tests
	@scripts/load.sh $(LOAD)

.PHONY: rollout
rollout: bin/nod ## roll this build out over the release before it (FROM=commit for another), and back, while people are checked
	@scripts/setup.sh tests
	@scripts/rollout.sh $(FROM)

.PHONY: build
build: bin/nod ## build every function for each cloud into dist/, and the nod command into bin/
	@echo 'Building the functions into dist/ (the first time takes some minutes)'
	@rm -rf dist
	@scripts/build.sh

.PHONY: infra
infra: ## check the Terraform files with tflint, and with terraform fmt if it is installed
	@scripts/setup.sh go
	@scripts/infra.sh

# The go command knows better than make whether anything has to be built.
.PHONY: bin/nod
bin/nod:
	@scripts/setup.sh go
	@[ -e bin/nod ] && echo 'Building bin/nod' || echo 'Building bin/nod (the first time takes some minutes)'
	@mkdir -p bin
	@$(BUILD) -o bin/nod ./cmd/nod

.PHONY: bench
bench: ## run the benchmarks (BENCH=regexp picks some)
	@scripts/setup.sh tests
	@echo 'Running the benchmarks'
	@$(GO) test -run='^$$' -bench='$(BENCH)' -benchmem -timeout=2h ./...

.PHONY: ha
# go test tells as it goes only of one package alone.
ha: ## kill functions and the database's primary, freeze and cut off its nodes, turn clocks, all under load, and hold what people were told
	@scripts/setup.sh ha
	@echo 'Killing $(KILLS) functions, then $(FAILOVERS) primaries: about a minute, and then half a minute each; seven mishaps $(MISHAPS) times: six minutes each time'
	@export NOD_KILLS=$(KILLS) NOD_FAILOVERS=$(FAILOVERS) NOD_MISHAPS=$(MISHAPS) NOD_JUMPS=$(JUMPS); \
		$(GO) test -v -count=1 ./tests/patroni && $(GO) test -v -count=1 -timeout=2h ./tests/chaos

.PHONY: fuzz-short
fuzz-short: ## run every fuzz target for a few seconds (FUZZTIME=1m for longer)
	@scripts/setup.sh tests
	@scripts/fuzz-short.sh

.PHONY: screens
screens: ## take a picture of every step of the pages into screens/, and renew those in docs/
	@scripts/setup.sh tests
	@echo 'Taking the pictures (two minutes)'
	@rm -rf screens
	@NOD_SCREENSHOTS="$(CURDIR)/screens" $(GO) test -count=1 -run TestD09_EveryStep ./tests/browser
	@cp screens/pages.png screens/readme.png docs/
	@echo 'See screens/, docs/pages.png and docs/readme.png'

.PHONY: clean
clean: ## remove what was built; var/ with your local data and keys stays
	@echo 'Removing bin/, dist/ and screens/'
	@rm -rf bin dist screens
