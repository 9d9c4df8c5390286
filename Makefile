# Everything a person or CI does here is one of these targets; each works alone on a fresh clone.

# Else each of many processes compiles all its imports: this takes three times as long as the imports.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# The newest supported interpreter that really runs (a version manager's shim may be on PATH without an interpreter).
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo "$$name" && break; done)
# Test processes, each with its own mongod; many tests wait, so there is one more than cores.
JOBS ?= 3
# How far `make explore` goes: one more takes several times as long.
DEPTH ?= 4
# `make lock LOCK_FLAGS=--upgrade` moves every pin; without it only the changes of pyproject.toml move.
LOCK_FLAGS ?=

# How many requests `make schemathesis` sends.
CASES ?= 5000
# The tools with an environment of their own.
APART := litellm schemathesis sbom
# How long `make chaos` storms, and the seed of its chance: a new one each time if there is none.
MINUTES ?= $(if $(CI),0.5,2)
SEED ?=

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Each pin of a lock and nothing else: without a resolution, no later release can change a version. uv is
# several times as fast; pip does it if uv cannot: uv knows nothing of the mirrors in pip's configuration.
PINNED := --no-deps --require-hashes --only-binary :all: -r
BOOTSTRAP := $(PIP) install --no-compile $(PINNED) requirements-installer.lock
# usage: $(INSTALL) LOCK ENVIRONMENT
INSTALL := install() { \
	UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$PIP_INDEX_URL}" $(BIN)/uv pip install --quiet --system-certs --python $$2/bin/python $(PINNED) $$1 \
	|| { echo "uv cannot install $$1 here, pip goes on" >&2 && $(PIP) --python $$2 install --no-compile $(PINNED) $$1; }; } && install
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-annotate --custom-compile-command 'make lock' $(LOCK_FLAGS)

# The pages of the console and of GraphiQL, and their sources.
CONSOLE := graphql_api/http/console_assets/index.html
CONSOLE_SOURCES := $(wildcard console/*.* console/.npmrc console/src/*.* console/src/*/*.*) schema.graphql
GRAPHIQL := graphql_api/http/graphql/graphiql_assets/index.html
GRAPHIQL_SOURCES := $(wildcard graphiql/*.* graphiql/.npmrc graphiql/public/* graphiql/src/*.* graphiql/src/*/*)
PAGES := $(CONSOLE) $(GRAPHIQL)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifndef TOGETHER
.NOTPARALLEL:
endif
.PHONY: help dev python run first-hour demo test lint format types imports schema schema-check settings cli-page explore chaos stalls hostile litellm schemathesis sbom install-matrix wheel screenshots bench bench-subscribers lock image-lint check clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

dev: $(VENV)/dev.stamp $(VENV)/package.stamp $(PAGES) ## Make .venv with everything a developer needs
	@:

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed; none found on PATH" >&2; exit 1; }

# .venv has the packages to run, and on top of them the packages to develop. A stamp is a copy of its lock, written last
# and away during the installation of another lock: a lock with other content makes a new environment, with nothing left
# over from the old one or from an interrupted install; a lock only touched costs nothing.
$(VENV)/run.stamp: requirements-run.lock requirements-dev.lock
	@cmp -s $< $@ && { ! test -e $(VENV)/dev.stamp || cmp -s requirements-dev.lock $(VENV)/dev.stamp; } || { \
		$(MAKE) --silent python && echo "Installing into $(VENV) with $(PYTHON)" && $(PYTHON) -m venv --clear $(VENV) \
		&& { $(BOOTSTRAP) || :; } && $(INSTALL) $< $(VENV) && cp $< $@; }
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@cmp -s $< $@ || { mv $(VENV)/run.stamp $(VENV)/run.stamp.part \
		&& $(INSTALL) $< $(VENV) && mv $(VENV)/run.stamp.part $(VENV)/run.stamp && cp $< $@; }
	@touch $@

$(VENV)/package.stamp: $(VENV)/run.stamp pyproject.toml
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@$(PIP) check
	@touch $@

# Optional: everything else works without Node.js, and without a way to npm's registry.
$(CONSOLE): $(CONSOLE_SOURCES) | $(VENV)/run.stamp
	@$(BIN)/python hatch_build.py console

$(GRAPHIQL): $(GRAPHIQL_SOURCES) | $(VENV)/run.stamp
	@$(BIN)/python hatch_build.py graphiql

run: $(VENV)/package.stamp $(PAGES) ## Serve http://127.0.0.1:8000/graphql on the sandbox, with sample data
	@$(BIN)/graphql-api serve --sandbox --sample-data

first-hour: dev ## Type docs/first-hour.md into a shell, compare what it prints, and tell the seconds
	@$(BIN)/python -m pytest tests/processes/test_first_hour.py -rP

demo: $(if $(filter together,$(PROVIDER)),dev,$(VENV)/package.stamp) ## Create and cancel a finetuning, printing each step; PROVIDER=together for another one
	@$(BIN)/graphql-api demo --provider $(or $(PROVIDER),openai)

test: dev ## Run the whole test suite and hold the coverage
	@$(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=worksteal --cov --cov-report=term

lint: dev ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: dev ## Repair style and formatting
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: dev ## Check the types
	@$(BIN)/mypy

imports: dev ## Check who imports whom
	@$(BIN)/lint-imports --no-logo

schema: dev ## Write schema.graphql
	@$(BIN)/graphql-api schema > $(VENV)/schema.graphql
	@cp $(VENV)/schema.graphql schema.graphql

schema-check: dev ## Check that schema.graphql is up to date
	@$(BIN)/graphql-api schema > $(VENV)/schema.graphql
	@diff -u schema.graphql $(VENV)/schema.graphql || { echo "schema.graphql is stale: run make schema" >&2; exit 1; }

settings: dev ## Write docs/settings.md
	@$(BIN)/python -m graphql_api.composition.settings_page > $(VENV)/settings.md
	@cp $(VENV)/settings.md docs/settings.md

cli-page: dev ## Write the commands' help into docs/cli.md
	@$(BIN)/python -m tests.cli_page

explore: dev ## Run the engine under every schedule with up to DEPTH deviations, and find the mutants out
	@$(BIN)/python -m exploration $(DEPTH)

chaos: dev ## Kill everything at random for MINUTES and check that every cancel was kept and true
	@MINUTES=$(MINUTES) SEED=$(SEED) $(BIN)/python -m chaos

litellm: dev $(VENV)-litellm/requirements.stamp ## Run the server behind LiteLLM's proxy
	@$(BIN)/python -m pytest tests/gateways/test_litellm.py

# Apart from ours, because the two do not go with the same versions.
$(VENV)-litellm/requirements.stamp: tests/gateways/litellm.lock
$(VENV)-schemathesis/requirements.stamp: tests/fuzzing/schemathesis.lock
$(VENV)-sbom/requirements.stamp: tests/installation/sbom.lock
$(APART:%=$(VENV)-%/requirements.stamp):
	@cmp -s $< $@ || { echo "Installing $< into $(@D)" \
		&& $(BIN)/python -m venv --clear $(@D) \
		&& $(INSTALL) $< $(@D) \
		&& cp $< $@; }
	@touch $@

schemathesis: dev $(VENV)-schemathesis/requirements.stamp ## Send a server CASES generated requests of its whole schema
	@SCHEMATHESIS_CASES=$(CASES) $(BIN)/python -m pytest tests/fuzzing -rP --timeout=1800

sbom: dev $(VENV)-sbom/requirements.stamp ## Write dist/sbom.cdx.json, what the server is made of (CycloneDX)
	@$(BIN)/python -m tests.installation.sbom dist/sbom.cdx.json

install-matrix: dev ## Install with every supported Python on PATH, from clean clones, and measure it
	@$(BIN)/python -m tests.installation

wheel: $(VENV)/package.stamp $(PAGES) ## Build dist/*.whl, the console and GraphiQL in it
	@test -f $(CONSOLE) -a -f $(GRAPHIQL) || { echo "No wheel without the console and GraphiQL" >&2; exit 1; }
	@$(PIP) wheel --no-deps --no-index --no-build-isolation --wheel-dir dist .

stalls: dev ## Let MongoDB stand still under load and check that every request is answered
	@$(BIN)/python -m chaos.stalls

hostile: dev ## Send one server every hostile input of the corpus, and measure what it and others feel
	@$(BIN)/python -m hostile

screenshots: dev ## Take the screenshots in docs/screenshots anew
	@$(BIN)/python -m tests.graphiql.screenshots
	@$(BIN)/python -m tests.console.screenshots

bench: dev ## Measure
	@$(BIN)/python -m benchmarks

bench-subscribers: dev ## Measure the cost of 2,000 subscribers, and the delay of their events
	@$(BIN)/python -m benchmarks.subscribers

# Not `dev`: a dependency just added is not installed yet.
lock: $(VENV)/run.stamp ## Resolve pyproject.toml into the hash-locked requirements
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) --extra embedded --extra dev --constraint requirements.lock pyproject.toml \
		--output-file requirements-dev.lock
	@$(COMPILE) tests/gateways/litellm.in --output-file tests/gateways/litellm.lock
	@$(COMPILE) tests/fuzzing/schemathesis.in --output-file tests/fuzzing/schemathesis.lock
	@$(COMPILE) tests/generators/python.in --output-file tests/generators/python.lock
	@echo cyclonedx-bom | $(COMPILE) --constraint requirements-dev.lock - --output-file tests/installation/sbom.lock
	@echo hatchling | $(COMPILE) --extra embedded --constraint requirements-dev.lock pyproject.toml - \
		--output-file requirements-run.lock
	@echo hatchling | $(COMPILE) --constraint requirements-dev.lock - --output-file requirements-build.lock
	@echo uv | $(COMPILE) --constraint requirements-dev.lock - --output-file requirements-installer.lock

image-lint: dev ## Check Dockerfile and compose.yaml
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

check: lint imports schema-check image-lint ## Everything CI checks, the tests last
	@$(MAKE) --no-print-directory --jobs=2 TOGETHER=1 types chaos
	@$(MAKE) --no-print-directory test

clean: ## Remove .venv, caches and build output; .data stays
	@rm -rf $(VENV) $(APART:%=$(VENV)-%) build dist $(dir $(PAGES)) console/node_modules console/src/gql graphiql/node_modules tests/clients/node_modules tests/gateways/node_modules tests/generators/node_modules examples/*/node_modules \
		$(VENV)-generators examples/python/.venv examples/python/finetuning_client \
		examples/typescript/dist examples/typescript/src/gql .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
