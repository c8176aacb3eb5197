# Sets up, runs, tests and measures the project. `make` alone lists the targets; nothing here needs reading.
# Everything made lies in .venv/, comments/static/, comments/frontend/{node_modules,.build}/ and var/ (the data).

VENV := .venv
PYTHON := $(VENV)/bin/python
NODE := $(CURDIR)/$(VENV)/bin/node
FRONTEND := comments/frontend
PYTEST_ARGS ?= -n auto --dist loadgroup

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

PACKAGES := $(VENV)/.packages
NODE_PACKAGES := $(FRONTEND)/node_modules/.package-lock.json
BUNDLES := $(VENV)/.bundles
# Directories are listed too: removing a source file changes only its directory.
SOURCES := $(shell find $(FRONTEND) -mindepth 1 \( -name node_modules -o -name .build \) -prune -o -print) \
           $(wildcard comments/locales/*.json)
RUNNER := $(FRONTEND)/.build/same_thread.mjs
BENCHES := $(addprefix bench-,start reads threads writes words mixed decisions replay queues live browser scaling peers)
MISSING_BUNDLES := $(if $(wildcard comments/static/*),,missing)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench $(BENCHES) bench-tables format lock clean missing

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
	@$(VENV)/bin/pytest tests/test_architecture.py
	@cd $(FRONTEND) && $(NODE) build.mjs --check
	@cd $(FRONTEND) && $(NODE) build.mjs --test
	@cd $(FRONTEND) && $(NODE) build.mjs

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
bench-browser: ## … in Chromium: until the first comment shows; bundles
bench-peers: ## … Isso, from PyPI, beside us on the same threads (not part of `make bench`)
bench-scaling: ## … a crowd of readers against what the single costs say (docs/scaling.md)
$(BENCHES): bench-%: setup
	@scripts/setup programs
	@$(PYTHON) benchmarks/run.py $* $(BENCH_ARGS)

bench-tables: $(PACKAGES) ## Write the newest figures into docs/performance.md
	@$(PYTHON) -m benchmarks.tables docs/performance.md

format: $(PACKAGES) ## Format and sort what can be done by machine
	@$(VENV)/bin/ruff check --fix-only --quiet .
	@$(VENV)/bin/ruff format .

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

# The thread of the browser, as a program that tests/test_same_thread.py runs under Node.
$(RUNNER): $(BUNDLES)
	@cd $(FRONTEND) && $(NODE) build.mjs --runner
	@touch $@
