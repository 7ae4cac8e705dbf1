# Every target sets up what it needs in .venv, once: `compare`, `bench` and `results` install requirements.lock only,
# `notebook` adds requirements-notebooks.lock, the tests and the linters requirements-dev.lock, which has
# requirements-databases.lock in it. An environment is used again as long as its stamp fits: the stamp's name is a
# checksum of this folder's path, the lock files and pyproject.toml, and it is written last.
#   make PYTHON=python3.12 test      another interpreter
#   make compare ARGS="live_migration --seed 2"

PYTHON ?= python3
ARGS ?=
WORKERS ?= auto

# Modules are compiled when first imported, so an environment that forbids keeping the result would pay at every start.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# The lock files are whole closures, so pip has nothing to resolve.
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-compile

NEUTRON_VENV := .venv-neutron

run_key := $(shell { echo '$(CURDIR)'; cat requirements.lock pyproject.toml; } | cksum | tr -d ' ')
lab_key := $(shell { echo '$(CURDIR)'; cat requirements.lock requirements-notebooks.lock pyproject.toml; } | cksum | tr -d ' ')
dev_key := $(shell { echo '$(CURDIR)'; cat requirements*.lock pyproject.toml; } | cksum | tr -d ' ')
neutron_key := $(shell { echo '$(CURDIR)'; cat requirements.lock requirements-neutron.lock pyproject.toml; } | cksum | tr -d ' ')
RUN := $(VENV)/.run-$(run_key)
LAB := $(VENV)/.lab-$(lab_key)
DEV := $(VENV)/.dev-$(dev_key)
NEUTRON := $(NEUTRON_VENV)/.neutron-$(neutron_key)

.PHONY: help compare results notebook notebooks test test-slow test-pages test-databases test-neutron mariadb-server validation lint format bench bench-databases clean

help:
	@echo "make compare    which binding strategy costs what: the comparison, with its numbers"
	@echo "make results    the published results again (ARGS=--check: are they what this version makes?)"
	@echo "make notebook   JupyterLab in notebooks/, with everything installed"
	@echo "make notebooks  executes the notebooks again"
	@echo "make test       the tests (under three minutes)"
	@echo "make test-slow  the long ones: statistics, long runs, what README shows"
	@echo "make test-pages the HTML pages in headless Chromium"
	@echo "make test-databases  what needs PostgreSQL and MariaDB, which it installs and starts"
	@echo "make test-neutron  drivers of Neutron's, which it installs into $(NEUTRON_VENV)"
	@echo "make validation  prediction beside measurement on both, into docs/validation.md (30 minutes)"
	@echo "make lint       ruff, mypy, import-linter"
	@echo "make format     lays the source out"
	@echo "make bench      what a simulated operation costs"
	@echo "make bench-databases  what the wall-clock engine costs on PostgreSQL and MariaDB"
	@echo "make clean      removes the environment and every cache; results stay"

# bindsim's status 3 is an inconclusive verdict, which is an answer too.
compare: $(RUN)
	@$(BIN)/bindsim compare $(ARGS) || test $$? -eq 3

# Makes what stands in results/ again; ARGS=--check only says whether it would come out the same.
results: $(RUN)
	@$(BIN)/bindsim publish $(ARGS)

notebook: $(LAB)
	@$(BIN)/jupyter lab --notebook-dir notebooks $(ARGS)

notebooks: $(LAB)
	@$(BIN)/python notebooks/build.py $(ARGS)

bench: $(RUN)
	@$(BIN)/python -m bench $(ARGS)

# As test-databases has them.
bench-databases: $(DEV) mariadb-server
	@$(BIN)/python -m bench.wall_clock $(ARGS)

test: $(DEV)
	@$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --timeout 180 $(ARGS)

# Tests marked `alone` measure time, so they run one after the other, after the rest. `make test-slow PARTS=alone` runs only
# those, PARTS=together only the rest. pytest's status 5 is "no test collected", which is no failure here: a checkout may
# have no slow test.
PARTS ?= together alone
in_parts = @failed=; for part in $(PARTS); do \
	    case $$part in \
	        together) which="not alone" how="-n $(WORKERS) --maxprocesses 4" ;; \
	        alone) which=alone how= ;; \
	        *) echo "PARTS has no $$part: it is together, alone or both" >&2; exit 2 ;; \
	    esac; \
	    $(BIN)/python -m pytest -m "$(1) and $$which" $(2) $$how $(ARGS) || test $$? -eq 5 || failed=1; \
	done; test -z "$$failed"

test-slow: $(DEV)
	$(call in_parts,slow and not databases)

# apt-get needs its lists first. Without root or without apt the message says what to install.
test-pages: $(DEV)
	@command -v chromium >/dev/null || { echo "bindsim: installing chromium" >&2; \
	    { apt-get update && apt-get install --yes --no-install-recommends chromium; } >/dev/null 2>&1; } || \
	    { echo "make test-pages needs Debian's chromium: apt-get update && apt-get install chromium" >&2; exit 2; }
	@$(BIN)/python -m pytest -m pages tests/pages $(ARGS)

# PostgreSQL is in the environment, MariaDB a package of Debian's. Without root or without apt the message says what to
# install.
mariadb-server:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; command -v mariadbd >/dev/null || { \
	    echo "bindsim: installing mariadb-server" >&2; export DEBIAN_FRONTEND=noninteractive; \
	    { apt-get update && apt-get install --yes --no-install-recommends mariadb-server; } >/dev/null 2>&1; } || { \
	    echo "this needs Debian's mariadb-server: apt-get update && apt-get install mariadb-server" >&2; exit 2; }

# BINDSIM_NEEDS_DATABASES turns a server that cannot be had into a failure.
test-databases: export BINDSIM_NEEDS_DATABASES = 1
test-databases: $(DEV) mariadb-server
	$(call in_parts,databases,tests/real_db)

# Drivers of Neutron's and of vendors. An environment of its own, because Neutron's 129 packages would slow every start.
# BINDSIM_NEEDS_NEUTRON turns a driver that cannot be had into a failure.
test-neutron: export BINDSIM_NEEDS_NEUTRON = 1
test-neutron: $(NEUTRON)
	@$(NEUTRON_VENV)/bin/python -m pytest -m neutron tests/sim/neutron_drivers $(ARGS)

# Measures for about 30 minutes and writes docs/validation.md; the machine should have nothing else to do.
validation: $(DEV) mariadb-server
	@$(BIN)/python -m bench.validation $(ARGS) || test $$? -eq 1

lint: $(DEV)
	@failed=; for tool in "ruff check ." "ruff format --check core sim bench tests" "mypy" "lint-imports --no-logo"; do \
	    echo "$$tool" >&2; $(BIN)/$$tool || failed="$$failed [$$tool]"; \
	done; test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

format: $(DEV)
	@$(BIN)/ruff format core sim bench tests

clean:
	rm -rf $(VENV) $(NEUTRON_VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# While packages go in, $(BUSY) holds the process id of this make. One left behind by a make that was interrupted means
# that the environment is made anew, because pip takes a half-unpacked package for an installed one.
BUSY := $(VENV)/.installing

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "bindsim needs Python 3.11 or later as $(PYTHON); name another: make PYTHON=python3.12" >&2; exit 2; }
	@if [ -e $(BUSY) ] && kill -0 "$$(cat $(BUSY))" 2>/dev/null; then \
	    echo "another make (process $$(cat $(BUSY))) is setting up $(VENV): wait for it, then repeat" >&2; exit 2; \
	fi
	@if [ -e $(BUSY) ] || ! grep -qF "$(CURDIR)/$(VENV)" $(BIN)/activate 2>/dev/null \
	    || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    echo "bindsim: setting up $(VENV), once" >&2; \
	    rm -rf $(VENV) && mkdir $(VENV) && echo $$PPID >$(BUSY) && $(PYTHON) -m venv $(VENV); \
	fi
	@echo $$PPID >$(BUSY)
	@$(INSTALL) -r requirements.lock
	@$(INSTALL) --editable .
	@rm -f $(VENV)/.run-* $(VENV)/.lab-* $(VENV)/.dev-* $(BUSY)
	@touch $@

$(LAB): $(RUN)
	@echo "bindsim: adding JupyterLab to $(VENV), once" >&2
	@echo $$PPID >$(BUSY)
	@$(INSTALL) -r requirements-notebooks.lock
	@rm -f $(VENV)/.lab-* $(BUSY)
	@touch $@

$(DEV): $(LAB)
	@echo "bindsim: adding what the tests need to $(VENV), once" >&2
	@echo $$PPID >$(BUSY)
	@$(INSTALL) -r requirements-dev.lock
	@rm -f $(VENV)/.dev-* $(BUSY)
	@touch $@

# Made anew whenever its stamp does not fit.
$(NEUTRON):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "bindsim needs Python 3.11 or later as $(PYTHON); name another: make PYTHON=python3.12" >&2; exit 2; }
	@echo "bindsim: setting up $(NEUTRON_VENV), once; it takes a minute or two" >&2
	@rm -rf $(NEUTRON_VENV) && $(PYTHON) -m venv $(NEUTRON_VENV)
	@$(subst $(BIN),$(NEUTRON_VENV)/bin,$(INSTALL)) -r requirements-neutron.lock
	@$(subst $(BIN),$(NEUTRON_VENV)/bin,$(INSTALL)) --editable .
	@touch $@
