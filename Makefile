# Sets up, runs, tests and measures the project. `make` alone lists the targets; nothing here needs reading.
# Everything made lies in .venv/, comments/static/, comments/frontend/{node_modules,.build}/ and var/ (the data).

VENV := .venv
PYTHON := $(VENV)/bin/python
NODE := $(CURDIR)/$(VENV)/bin/node
FRONTEND := comments/frontend
PYTEST_ARGS ?= -n auto --dist loadgroup
SHOTS ?= build/pictures

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

PACKAGES := $(VENV)/.packages
NODE_PACKAGES := $(FRONTEND)/node_modules/.package-lock.json
BUNDLES := $(VENV)/.bundles
LIGHTHOUSE := $(VENV)/lighthouse/node_modules/.package-lock.json
# Directories are listed too: removing a source file changes only its directory.
SOURCES := $(shell find $(FRONTEND) -mindepth 1 \( -name node_modules -o -name .build \) -prune -o -print) \
           $(wildcard comments/locales/*.json)
RUNNER := $(FRONTEND)/.build/same_thread.mjs
# Words like “secret” are bandit's to judge; what looks like a password in an address of the documentation is none.
SECRETS := --no-verify --disable-plugin KeywordDetector --exclude-secrets '^(user:)?(pass|password|PASSWORD|…|\.\.\.)$$' \
           --exclude-files '^tests/samples/|\.(svg|png|lock)$$|-lock\.json$$'
BENCHES := $(addprefix bench-,start reads threads writes words mixed decisions replay queues live hostile browser scaling peers migrations restore)
MISSING_BUNDLES := $(if $(wildcard comments/static/*),,missing)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check contract fuzz audit sbom wheel pictures bench $(BENCHES) bench-import bench-tables chaos soak lighthouse format lock clean missing

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: $(PACKAGES) $(BUNDLES) ## Install what the service needs into .venv and build the front end

run: export COMMENTS_PORT ?= 8000
run: export DEMO_PORT ?= 8001
run: export COMMENTS_DATA_DIR ?= var
run: setup ## Start the service with the demo newspaper (COMMENTS_PORT, DEMO_PORT, COMMENTS_DATA_DIR)
	@exec $(VENV)/bin/comments demo

test: setup $(RUNNER) ## Run every test; PostgreSQL, Redis and Chromium come from Debian's packages
	@scripts/setup programs
	@cd $(FRONTEND) && $(NODE) build.mjs --test
	@$(VENV)/bin/pytest $(PYTEST_ARGS)

check: setup ## Lint, format, types, layers, front-end tests and bundle sizes: quick, no servers
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/bandit --quiet --configfile pyproject.toml --recursive comments
	@git ls-files -z | xargs -0 -n 100 -P 2 $(VENV)/bin/detect-secrets-hook $(SECRETS)
	@$(VENV)/bin/pytest tests/test_architecture.py
	@cd $(FRONTEND) && $(NODE) build.mjs --check
	@cd $(FRONTEND) && $(NODE) build.mjs --test
	@cd $(FRONTEND) && $(NODE) build.mjs

fuzz: setup ## Attack markup, tokens, cursors, importers, frames, requests (FUZZ_SECONDS=60, FUZZ="words of targets")
	@$(PYTHON) -m tests.fuzz.run $(or $(FUZZ_SECONDS),60) $(FUZZ)

contract: setup ## schemathesis against the real service by our OpenAPI document (EXAMPLES=100 for each operation)
	@EXAMPLES=$(or $(EXAMPLES),100) $(VENV)/bin/pytest -q -s -n 0 tests/http/test_contract.py

pictures: setup ## Take pictures of the widget in every state into build/pictures (SHOTS=folder; PYTEST_ARGS="-k menu")
	@scripts/setup programs
	@mkdir -p "$(SHOTS)"
	@SHOTS="$(SHOTS)" $(VENV)/bin/pytest $(PYTEST_ARGS) tests/e2e/test_widget_axe.py; \
	  tested=$$?; $(PYTHON) -m tests.e2e.contact_sheet "$(SHOTS)"; exit $$tested

bench: setup ## Measure everything below on this machine (BENCH_ARGS="--database postgresql")
	@scripts/setup programs
	@$(PYTHON) benchmarks/run.py $(BENCH_ARGS)

bench-start: ## … from the command to the first answer; memory
bench-reads: ## … first pages of threads of any length, counts, the first read after a post
bench-threads: ## … what a thread of 100,000 costs against one of 100
bench-writes: ## … posts of 16 writers at once and of one
bench-words: ## … 10,000 banned words against a comment of 2,000 characters, plain and disguised
bench-mixed: ## … 95 % reads and 5 % posts on threads of 1,000 and 100,000
bench-decisions: ## … moderators at a long queue: decisions, undo, a hundred at once
bench-replay: ## … changed rules tried on the last 5,000 comments
bench-queues: ## … pages of 100,000 waiting comments, search, fifty open consoles
bench-live: ## … from a post to the sockets of others
bench-hostile: ## … what others feel while 500 are slow, 1,000 silent, others send garbage
bench-browser: ## … in Chromium: until the first comment shows; bundles
bench-peers: ## … Isso, from PyPI, beside us on the same threads (not part of `make bench`)
bench-migrations: ## … every migration on a million rows while others post (BENCH_ARGS="--database postgresql --rows 1000000")
bench-restore: ## … backup and restore of a million comments, each text compared (BENCH_ARGS as above)
bench-scaling: ## … a crowd of readers against what the single costs say (docs/scaling.md)
$(BENCHES): bench-%: setup
	@scripts/setup programs
	@$(PYTHON) benchmarks/run.py $* $(BENCH_ARGS)

bench-import: setup ## … exports of other systems: comments a second, memory (IMPORT_ARGS="--comments 50000"; "--hostile")
	@$(PYTHON) -m benchmarks.importing $(IMPORT_ARGS)

bench-tables: $(PACKAGES) ## Write the newest figures into docs/performance.md and docs/reliability.md
	@$(PYTHON) -m benchmarks.tables docs/performance.md docs/reliability.md

chaos: setup ## Break the service under load: nothing may be lost (CHAOS_ARGS="--only kill"); docs/reliability.md
	@scripts/setup programs
	@$(PYTHON) -m benchmarks.chaos $(CHAOS_ARGS)

soak: setup ## Ten minutes of everything at once (SOAK_SECONDS=60): memory, handles, errors; fails when something grows
	@scripts/setup programs
	@$(PYTHON) -m benchmarks.soak $(SOAK_ARGS)

lighthouse: setup $(LIGHTHOUSE) ## Score the demo's article pages with Lighthouse; fails below 95 (LIGHTHOUSE_ARGS="--rounds 5")
	@scripts/setup programs
	@$(PYTHON) -m benchmarks.lighthouse $(LIGHTHOUSE_ARGS)

format: $(PACKAGES) ## Format and sort what can be done by machine
	@$(VENV)/bin/ruff check --fix-only --quiet .
	@$(VENV)/bin/ruff format .

audit: setup ## Look up known vulnerabilities of all locked packages; fails too when it could not look (needs a network)
	@$(PYTHON) scripts/audit

wheel: setup ## Build the wheel into dist/; the same tree makes the same bytes
	@scripts/wheel

sbom: setup ## Write what the service consists of into build/sbom/, as CycloneDX
	@scripts/sbom

lock: $(PACKAGES) ## Pin the Python packages again (UPGRADE=--upgrade for newer ones)
	@scripts/lock $(UPGRADE)

clean: ## Remove everything made, except the data in var/
	rm -rf $(VENV) comments/static $(FRONTEND)/node_modules $(FRONTEND)/.build
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PACKAGES): requirements.lock pyproject.toml scripts/setup scripts/uv.txt
	@scripts/setup python
	@touch $@

# A symbolic link: gone, or dangling, when the machine's Node is.
$(VENV)/bin/node: | $(PACKAGES)
	@scripts/setup node

$(NODE_PACKAGES): $(FRONTEND)/package.json $(FRONTEND)/package-lock.json | $(VENV)/bin/node
	@scripts/setup frontend
	@touch $@

$(BUNDLES): $(NODE_PACKAGES) $(SOURCES) $(MISSING_BUNDLES)
	@scripts/setup bundles
	@touch $@

$(LIGHTHOUSE): scripts/lighthouse/package.json scripts/lighthouse/package-lock.json | $(VENV)/bin/node
	@scripts/setup lighthouse
	@touch $@

# The thread of the browser, as a program that tests/test_same_thread.py runs under Node.
$(RUNNER): $(BUNDLES)
	@cd $(FRONTEND) && $(NODE) build.mjs --runner
	@touch $@
