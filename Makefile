# Needs Python >= 3.11 with venv and pip, nothing else. ARGS goes to the command: make demo ARGS=--no-serve
SHELL := /bin/bash
PYTHON ?= python3
ARGS ?=
HOST_ARGS ?=
HOSTS := boutique tutorial
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo screenshots test coverage lint types contracts check

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Fill a shop, learn, print what was learned, serve it on 127.0.0.1:8000
	@$(BIN)/python manage.py demo $(ARGS)

screenshots: $(INSTALLED) ## Take the pictures of the README again, from the filled demo shop; ARGS=--all: every page
	@$(BIN)/python manage.py demo --no-serve >/dev/null && $(BIN)/python manage.py take_screenshots $(ARGS)

test: $(INSTALLED) ## The whole suite, then the two other host shops
	@$(BIN)/pytest -q -n auto $(ARGS)
	@for host in $(HOSTS); do echo "--- as installed in the shop $$host"; \
		$(BIN)/pytest -q -n auto --ds=tests.hosts.$$host.settings tests/hosts $(HOST_ARGS) || exit 1; done

coverage: $(INSTALLED) ## Which branches the suite runs; it takes half as long again
	@$(BIN)/pytest -q -n auto --cov --cov-report=term --cov-fail-under=95 $(ARGS)

lint: $(INSTALLED) ## Style and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(INSTALLED) ## Types
	@$(BIN)/mypy

contracts: $(INSTALLED) ## Who may import whom
	@$(BIN)/lint-imports

check: lint types contracts test ## All of it

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@test -x $(BIN)/pip || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@printf 'Installing (half a minute or so) '
	@set -o pipefail; $(BIN)/pip install --disable-pip-version-check -r requirements.txt 2>.venv/pip.log \
		| awk '/^ *(Collecting|Building|Installing)/ { printf "."; fflush() } END { print "" }' \
		|| { cat .venv/pip.log >&2; exit 1; }
	@touch $@
