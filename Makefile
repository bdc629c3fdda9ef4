# Two commands matter on a new machine: `make demo` and `make test`. Both set everything up first.
# Needed: Python 3.11 or newer with venv and pip, git, make. Choose an interpreter with `make setup PYTHON=python3.12`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench docs lock clean

BIN := .venv/bin
DEMO_HOME ?= build/demo
# Two processes: the suite is bound by the processor, and many small machines have two.
TEST_PROCESSES ?= 2

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## build .venv from the pinned requirements (EXTRAS=ocr: and what reading scans needs)
	@PYTHON="$(PYTHON)" EXTRAS="$(EXTRAS)" requirements/install.sh

demo: setup ## load the sample reports into build/demo and say what is wrong with which
	@rm -rf "$(DEMO_HOME)"
	@samples/demo.sh "$(DEMO_HOME)"

test: setup ## run every test (ARGS="-k text" narrows)
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(ARGS)

check: setup ## lint, formatting, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: EXTRAS := ocr bench
bench: setup ## measure (ARGS names benchmarks; without, all)
	@$(BIN)/python -m benchmarks.run $(ARGS)

docs: setup ## write docs/dictionary.md and the outputs in README.md anew
	@$(BIN)/python -m pipeline.catalogue.render_docs
	@$(BIN)/python -m tests.docs.readme_blocks

lock: setup ## resolve the pinned requirements anew (needs uv; ARGS=--upgrade takes newer versions)
	@requirements/compile.sh $(ARGS)

clean: ## remove .venv, build and caches; ./data stays
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
