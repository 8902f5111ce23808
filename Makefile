# Every target makes .venv by itself when it is missing or its lock file has changed.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
READY := .venv/.ready
ARCHIVES := $(wildcard examples/archives/*)
DEMO_DB := runs/demo.duckdb
# The tests that hold schemas, generated documents and the house's own rules level with the code.
DRIFT := tests/unit/test_house.py tests/unit/test_readme.py tests/unit/test_architecture.py \
	tests/unit/app/test_reason_docs.py tests/unit/app/test_error_docs.py tests/unit/app/test_lifecycle_docs.py tests/unit/playbook/test_schema_docs.py tests/unit/playbook/test_schema_standard.py \
	tests/unit/replay/test_summary_schema.py tests/unit/journal/test_decision_schema.py

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak golden docs lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)  ## replay the shipped archives into runs/demo.duckdb, with a report in runs/demo; then trade a week at a local exchange
	$(BIN)/signalbook check
	$(BIN)/signalbook replay $(ARCHIVES) --db $(DEMO_DB) --out runs/demo --limit 12
	examples/desk/demo.sh $(BIN)/signalbook runs/desk

test: $(READY)  ## run every test
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

check: $(READY)  ## lint, types, floors, and drift of schemas and generated documents
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q $(DRIFT)

bench: $(READY)  ## print what things cost, as ratios within one run
	$(BIN)/python -m benchmarks

soak: $(READY)  ## read 1,000,000 generated messages and edit shipped playbooks 10,000 times, alter 1,000 journals, kill feeds 200 times, work orders at a hostile exchange for 100,000 steps, kill trading desks 250 times; nothing may raise, slip through or be lost
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.soak.edits 10000
	$(BIN)/python -m tests.soak.journal_faults --count 1000 --seed 1
	$(BIN)/python -m tests.soak.kill_feed --kills 200
	$(BIN)/python -m tests.soak.hostile --steps 100000 --seed 1
	$(BIN)/python -m tests.soak.kill_orders --each 20 --cold 50 --seed 1

golden: $(READY)  ## write the golden files anew from what the code does now; read the difference before committing
	SIGNALBOOK_GOLDEN=write $(BIN)/python -m pytest -q tests/golden tests/unit/test_readme.py tests/unit/test_architecture.py \
		tests/end_to_end/test_testers_walk.py

docs: $(READY)  ## write the generated documents anew
	$(BIN)/python -m engine.playbook.schema_docs
	$(BIN)/python -m engine.app.reason_docs
	$(BIN)/python -m engine.app.error_docs
	$(BIN)/python -m engine.app.lifecycle_docs
	$(BIN)/python -m engine.replay.summary_schema
	$(BIN)/python -m engine.journal.decision_schema

lock: $(READY)  ## resolve requirements.lock anew from pyproject.toml
	"$(PYTHON)" -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check uv
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --extra dev \
		pyproject.toml --output-file requirements.lock

clean:  ## remove everything these targets made, the environment too
	rm -rf .venv build dist runs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
