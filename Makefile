# Everything a developer or CI runs. `make help` lists it.
SHELL := /bin/bash
PY := .venv/bin/python
OUT ?= build
# What is run twice need not be compiled twice.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run run-server test check style types suite bench screenshots tour soak installer smoke migration clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## open the program (without a display: the tour on a virtual screen, pictures under build/tour)
	@tools/setup.sh run
	@tools/run.sh

run-server: ## a company server on PostgreSQL for trying out (data under build/server)
	@tools/setup.sh test
	@$(PY) tools/run_server.py $(OUT)/server

test: ## all that CI runs: checks, then every test
	@tools/setup.sh test
	@$(MAKE) --no-print-directory style
	@$(MAKE) --no-print-directory -j2 types suite

check: ## ruff, mypy strict, import-linter
	@tools/setup.sh test
	@$(MAKE) --no-print-directory style types

style:
	@.venv/bin/ruff format --check -q . || { echo "run: .venv/bin/ruff format ."; exit 1; }
	@.venv/bin/ruff check -q .
	@.venv/bin/lint-imports

types:
	@.venv/bin/mypy

suite:
	@QT_QPA_PLATFORM=offscreen $(PY) tools/run_tests.py tests

bench: ## figures as JSON (name, value, unit, n)
	@tools/setup.sh test
	@mkdir -p $(OUT)
	@QT_QPA_PLATFORM=offscreen $(PY) -m benchmarks | tee $(OUT)/bench.json

tour: ## the whole chain in the demo workspace: pictures and PDFs under build/tour
	@tools/setup.sh run
	@tools/virtual.sh $(PY) -m presales_desktop tour $(OUT)/tour

screenshots: ## every screen, zh and en, light and dark, 1366x768
	@tools/setup.sh run
	@tools/virtual.sh $(PY) -m presales_desktop screenshots $(OUT)/screenshots

soak: ## longer random walks; STEPS=2000
	@tools/setup.sh test
	@SOAK_STEPS=$(or $(STEPS),2000) QT_QPA_PLATFORM=offscreen $(PY) -m pytest -q tests -k "soak or state_machine or fuzz or costs_stay" --timeout 3600

installer: ## frozen folder and .deb under build/installer
	@tools/setup.sh build
	@$(PY) installer/build.py $(OUT)/installer

smoke: ## start what `make installer` built (folder, .deb, wheel), without Python in the environment
	@tools/setup.sh build
	@$(PY) installer/smoke_test.py $(OUT)/installer
	@if ls $(OUT)/installer/*.deb >/dev/null 2>&1; then $(PY) installer/smoke_test.py $(OUT)/installer --deb; fi
	@$(PY) installer/smoke_test.py $(OUT)/installer --wheel

clean: ## remove what was built
	rm -rf build dist .mypy_cache .ruff_cache .import_linter_cache
