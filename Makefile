# The verbs of this project. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
TOOLS  := .venv-tools
APP    := .venv
BIN    := $(APP)/bin

.PHONY: help setup test lint clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(TOOLS)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: set PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet uv

$(APP)/.installed: requirements/app.txt | $(TOOLS)/bin/uv
	$(TOOLS)/bin/uv venv --quiet --allow-existing --python 3.12 $(APP)
	$(TOOLS)/bin/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/app.txt
	@touch $@

setup: $(APP)/.installed ## make the application's environment

test: setup ## run every test
	$(BIN)/python -m pytest

lint: setup ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/mypy aftercare analytics
	$(BIN)/lint-imports

clean: ## remove environments and build products
	rm -rf $(TOOLS) $(APP) .pytest_cache .mypy_cache .ruff_cache
