# Two commands matter on a fresh machine: `make run` and `make test`. `make help` lists all.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt

# What to run: a scenario of the emulator, or a recording (make run TRACE=path).
SCENARIO ?= mixed
TRACE ?=
SPEED ?= 1
PORT ?= 8080
ARGS ?=

# ONNX Runtime's builds send usage data to their vendor otherwise.
export ORT_DISABLE_TELEMETRY = 1

# Where `make test-slow` looks.
SLOW ?= tests

.PHONY: help run test check lint types contracts unit test-slow test-deploy compiled bench setup setup-run clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -ts $$'\t'

run: setup-run ## set up, then xApp and emulator with a live view (SCENARIO=, TRACE=, SPEED=, PORT=)
	@exec $(BIN)/xapp demo --port $(PORT) --speed $(SPEED) $(if $(TRACE),--trace $(TRACE),--scenario $(SCENARIO)) $(ARGS)

test: setup check ## set up, then every check

check: lint types contracts unit ## every check, without setting up

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

unit:
	$(BIN)/pytest -n 2 --dist loadgroup

test-slow: setup ## the tests marked slow (SLOW= paths)
	$(BIN)/pytest -n 2 --dist loadgroup -m slow --timeout 1200 $(SLOW)

test-deploy: setup ## images and compose, on a Docker engine
	$(BIN)/pytest -n 2 --dist loadfile -m deploy -rP --durations 10 tests/deploy

compiled: setup ## the wheel of the xApp's image, its hot modules compiled, in dist/ (needs a C compiler)
	$(BIN)/python -m deploy.compiled

bench: setup ## measure, and draw the README's table
	$(BIN)/python -m bench all --json bench-results/all.json
	$(BIN)/python -m bench table bench-results/all.json

setup: $(VENV)/.ready-dev ## the environment with everything (trainer, tests)

setup-run: $(VENV)/.ready-run # what xApp and emulator need, no torch

$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Slicepilot needs Python 3.11 or newer, %s is %d.%d" % (sys.executable, *sys.version_info[:2]))'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.ready-run: pyproject.toml constraints.txt | $(VENV)/.python
	@echo "Setting up $(VENV) (a minute or two, once) ..."
	$(PIP) --editable .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(VENV)/.python
	@echo "Setting up $(VENV) with trainer and checks (a few minutes, once) ..."
	$(PIP) --editable '.[trainer,dev]'
	@touch $@ $(VENV)/.ready-run

clean: ## remove the environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench-results runs build dist
