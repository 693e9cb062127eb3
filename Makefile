# Huiliu: `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.PHONY: help run demo test test-long lint format docs bench bench-long plots shot messages lock clean

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
HOST ?= 127.0.0.1
DEMO ?= 1
SIZE ?=
TESTS ?= tests
WORKERS ?= 2
SIDE_BY_SIDE = $(if $(WORKERS),-n $(WORKERS) --dist loadfile --no-loadscope-reorder)
SEED ?=
IN_ORDER = $(if $(SEED),--randomly-seed=$(SEED))
SHOTS ?=
BENCH ?= front_door pipeline go_live latency reads rebuild
KEEP ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
run: export PORT := $(PORT)
run: export HOST := $(HOST)
run: export DEMO := $(DEMO)

help: ## what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(BIN)/ready ## start everything (PORT=8000, DEMO=0 without demo data); Ctrl-C stops it
	@exec $(BIN)/python manage.py up --with-parent

demo: $(BIN)/ready ## load the demo retailer into what runs (SIZE="--customers 20000 --days 365 --seed 7")
	@$(BIN)/python manage.py demo $(SIZE)

test: lint assets ## lint, then every test (TESTS=tests/channels for a part, WORKERS=2 side by side, SEED=1 for an order)
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(IN_ORDER) $(TESTS)

test-long: lint assets ## the same at full size: property tests, faults
	@$(BIN)/python -m pytest -q --long $(SIDE_BY_SIDE) $(IN_ORDER) $(TESTS)

lint: $(BIN)/checks ## style, types, directions of imports, migrations, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy cdp console demo channels profiles metrics kernel
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint --check templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py messages --check

format: $(BIN)/checks ## set the code as the house does
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/djlint --quiet --reformat --warn templates

docs: $(BIN)/ready ## write what docs/ takes from the code
	$(BIN)/python manage.py spectacular --file docs/openapi.yaml --validate
	$(BIN)/python manage.py catalogue --file docs/metrics.md
	$(BIN)/python manage.py connectors --file docs/connectors.md

bench: $(BIN)/checks ## measure front door, pipeline, newcomers, latency, reads, rebuild, 20 minutes (BENCH="pipeline reads", KEEP=--keep)
	for each in $(BENCH); do $(BIN)/python -m benchmarks.$$each $(KEEP); done

bench-long: $(BIN)/checks ## the same at size: 5 million events, growth to 10 million, memory over 2 million; an hour, 40 GB of disk
	$(BIN)/python -m benchmarks.reads --clones 49 $(KEEP)
	$(BIN)/python -m benchmarks.growth $(KEEP)
	$(BIN)/python -m benchmarks.memory $(KEEP)
	$(BIN)/python -m benchmarks.identity --only-worst

plots: $(BIN)/checks ## draw docs/images/performance-*.svg from benchmarks/results/
	$(BIN)/python -m benchmarks.plots

shot: $(BIN)/checks assets ## a picture of every page into var/shots; fails on what must not be seen (SHOTS="--only kpi-*" for some)
	$(BIN)/python -m tests.browser.shots $(SHOTS)

messages: $(BIN)/checks ## collect the pages' words into locale/, compile them
	$(BIN)/python manage.py messages

lock: $(BIN)/checks ## pin requirements*.in and package.json anew
	for part in requirements requirements-dev requirements-node; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $$part.in -o $$part.txt; done
	for folder in . tests/sdk/node; do \
	  (cd $$folder && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund); done

clean: ## remove what can be made again; data in var/ stays
	rm -rf .venv node_modules tests/sdk/node/node_modules static/vendor static/vendor.new .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- what the above stand on --------------------------------------------------------------------

.PHONY: assets
assets: $(BIN)/checks
	@$(BIN)/python manage.py assets

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Huiliu needs Python 3.11 or newer: $(PYTHON) is not there."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Huiliu needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1): try make run PYTHON=python3.11."; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python cannot make a virtual environment: install its venv module (Debian: apt-get install python3-venv)."; exit 1; }

# uv is three times as fast; where it cannot be had, pip takes the same locked file.
define install
	@echo "Installing $(1) …"
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv 2>/dev/null || true
	@{ test -x $(BIN)/uv && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); } || \
	  $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
endef

$(BIN)/ready: requirements.txt | $(BIN)/python
	$(call install,requirements.txt)
	@touch $@

$(BIN)/checks: requirements-dev.txt $(BIN)/ready
	$(call install,requirements-dev.txt)
	@touch $@
