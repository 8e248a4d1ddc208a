# The commands of a checkout. Everything is installed into .venv, from the pinned requirements.

PY = .venv/bin/python
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check
COMPILE = $(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-config pyproject.toml

# Programs in .venv hold its full path: a moved checkout, or one whose Python is gone, starts anew.
ifneq ($(shell .venv/bin/python -c "" 2>/dev/null && cat .venv/made-at),$(CURDIR))
$(shell rm -rf .venv)
endif

.PHONY: help run fresh test soak lint format drawings screenshots requirements

help:
	@echo "make run           start the pilot region in training mode; goes on where it was"
	@echo "make fresh         throw the training data away, then as make run"
	@echo "make test          run every check"
	@echo "make soak          the races and sequences at their full size, half an hour or more"
	@echo "make lint          only the quick checks: format, lint, types, imports"
	@echo "make format        put the code in form"
	@echo "make drawings      draw the talks anew, into docs/talks.md"
	@echo "make screenshots   a picture of every page, on phone and desk, into screenshots/"
	@echo "make requirements  pin the newest versions of what pyproject.toml asks for"

run: .venv/installed
	@exec .venv/bin/crisispool serve --training --region deploy/regions/pilot.toml

fresh: .venv/installed
	@$(PY) -m crisispool.commands.fresh
	@exec .venv/bin/crisispool serve --training --region deploy/regions/pilot.toml

test: .venv/installed-dev
	@exec $(PY) tests/run_checks.py

soak: .venv/installed-dev
	@exec $(PY) tests/run_checks.py --soak

lint: .venv/installed-dev
	@exec $(PY) tests/run_checks.py --quick

format: .venv/installed-dev
	@$(PY) -m ruff check --fix-only --quiet
	@$(PY) -m ruff format

drawings: .venv/installed-dev
	@$(PY) -m tests.conversations.drawing

screenshots: .venv/installed-dev
	@$(PY) -m tests.browser.screenshots

requirements: .venv/installed-dev
	@$(INSTALL) uv
	@$(COMPILE) --group build -o requirements.txt
	@$(COMPILE) --group build --group dev --constraints requirements.txt -o requirements-dev.txt
	@echo "requirements.txt and requirements-dev.txt are pinned anew; now run: make test"

.venv/made-at:
	@python=""; for name in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "crisispool needs Python 3.11 or newer; install it and try again."; exit 1; fi; \
	echo "Making .venv with $$($$python --version)"; \
	rm -rf .venv; \
	$$python -m venv .venv || { echo "No virtual environment could be made; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@printf '%s\n' "$(CURDIR)" > $@

.venv/installed: requirements.txt pyproject.toml | .venv/made-at
	@echo "Installing what crisispool needs into .venv (the first time this takes a minute)"
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --no-build-isolation --no-deps -e .
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the checks need into .venv"
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@
