# Bare `make` prints what can be done.
# The system's own Python comes first: distributions build theirs with profile-guided optimisation, a fifth faster here than one built by pyenv.
FIT := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $$(for python in /usr/bin/python3 python3; do "$$python" -c '$(FIT)' 2>/dev/null && echo "$$python" && break; done)
PORT ?= 8000
BIN := .venv/bin
.DEFAULT_GOAL := help
NODES ?= 1
LOCK = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

# What is given to make is make's alone. Exported, BUS=kafka or PORT=… would be taken by the programs for settings of theirs,
# and a password in DATABASE_URL would stand in the environment of whatever else is started.
unexport $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
unexport ARGS BUS BUS_URL DATABASE_URL DOSES IMAGE NODES PEOPLE PORT PYTHON RUNS T
MAKEOVERRIDES :=
# A value as it was typed, as one word of the shell: `$`, quotes, spaces and `#` are nobody's signs but its own.
typed = '$(subst ','\'',$(value $(1)))'
option = $(if $(value $(2)),$(1) $(call typed,$(2)))

.PHONY: help run demo test faults kafka containers-test lint t fix unit bench accuracy station-day pages typescript contracts screenshots sbom advisories lock clean

help: ## Print this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: .venv/clients .venv/pages ## Start everything, load a sample, show the counts moving, stay until Ctrl-C (PORT, PEOPLE, DOSES, BUS_URL, DATABASE_URL)
	@$(BIN)/hochieu run --port $(call typed,PORT) $(call option,--people,PEOPLE) $(call option,--doses,DOSES)

demo: .venv/clients .venv/pages ## The same, but wait until every dose has reached a final state, print the table, and exit
	@$(BIN)/hochieu run --demo --port $(call typed,PORT) $(call option,--people,PEOPLE) $(call option,--doses,DOSES)

# addresses may hold a password, which other users of the machine would see among the arguments of a program
ifdef DATABASE_URL
run demo: export HOCHIEU_DATABASE_URL = $(value DATABASE_URL)
endif
ifdef BUS_URL
run demo: export HOCHIEU_BUS_URL = $(value BUS_URL)
endif

test: lint .venv/pages ## Everything that needs no lent hardware: lint, types, walls, contracts, all tests
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

faults: .venv/dev .venv/clients ## The whole fault matrix on both buses, 20,000 doses a fault (the tests run a short one)
	@FAULTS=all $(BIN)/pytest tests/faults $(ARGS)

kafka: .venv/run ## A real Apache Kafka on this machine, until Ctrl-C (NODES=1 or 3); needs Java 17 and Maven
	@$(BIN)/python -m deploy.kafka start --nodes $(call typed,NODES)

containers-test: .venv/dev .venv/clients .venv/pages ## Build the image and run the whole stack once, on podman
	@$(BIN)/python -m deploy.containers

lint: .venv/dev .venv/clients .venv/pages ## Ruff, mypy strict, import walls
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

t: .venv/dev .venv/clients .venv/pages ## One test, file or folder: make t T=tests/unit/chassis/test_paging.py::name
	@$(BIN)/pytest $(call typed,T) $(ARGS)

fix: .venv/dev ## Mend what ruff can: imports, form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

unit: .venv/dev .venv/clients .venv/pages ## The fast tests, in under a minute
	@$(BIN)/pytest tests/unit -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-profile=quick $(ARGS)

bench: .venv/dev .venv/clients ## Measure the pipeline end to end; prints a table and writes build/bench.json (DOSES, BUS, PEOPLE, RUNS)
	@$(BIN)/hochieu bench $(call option,--doses,DOSES) $(call option,--bus,BUS) $(call option,--registry-people,PEOPLE) \
		$(call option,--runs,RUNS)

accuracy: .venv/dev ## Measure matching by error type on the sample, and check the promised bounds
	@$(BIN)/python -m deploy.accuracy $(ARGS)

station-day: .venv/dev .venv/clients .venv/pages ## Play a station's day: 15,000 wrong rows, one clerk, two officers (ARGS="--wrong 1500")
	@$(BIN)/python -m deploy.station_day $(ARGS)

pages: .venv/clients .venv/pages ## Build what pages are made of: scripts, styles, the services' clients

typescript: .venv/build ## Write the TypeScript client of the contracts to build/typescript
	@$(BIN)/python -m deploy.clients.typescript

contracts: .venv/dev ## Write the JSON Schemas, OpenAPI, AsyncAPI and samples anew from the code
	@$(BIN)/python -m deploy.contracts

screenshots: .venv/dev .venv/clients .venv/pages ## Take every page at four sizes, light and dark, and tell what changed (ARGS="desk")
	@$(BIN)/python -m tests.web.look $(ARGS)

sbom: .venv/dev ## List what is in a release (CycloneDX) in build/sbom.json, and of an image in build/sbom-image.json (IMAGE)
	@$(BIN)/python -m deploy.supply sbom $(if $(value IMAGE),$(call typed,IMAGE))

advisories: .venv/dev ## Ask for known faults of what is in a release; says NOT CHECKED where nobody answers
	@$(BIN)/python -m deploy.supply advisories

lock: .venv/dev ## Pin the dependencies of pyproject.toml anew (needs uv on PATH)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra build -c requirements.lock pyproject.toml -o requirements-build.lock
	$(LOCK) --extra build --extra dev -c requirements-build.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove what was built and installed here; the data in var/ stays
	rm -rf .venv build web/static web/assets/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

.venv/bin/python:
	@python="$(PYTHON)"; "$${python:-false}" -c '$(FIT)' || { echo "Python 3.11 to 3.13 with its venv module is needed (on Debian: apt-get install python3-venv): make PYTHON=/path/to/python3"; exit 1; }; \
	"$$python" -m venv .venv || { rm -rf .venv; exit 1; }

.venv/run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the pinned packages into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# what makes the pages and the clients ready: Node, and the generator
.venv/build: requirements-build.lock .venv/run
	@echo "Installing the pinned packages that build the pages into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@touch $@

# the pages' styles and scripts; what is told apart here is told apart again, by content, there
.venv/pages: .venv/build $(shell find web/assets -name node_modules -prune -o -type f -print)
	@$(BIN)/python -m deploy.pages
	@touch $@

# the services' clients, of the committed contracts
.venv/clients: .venv/build $(wildcard contracts/openapi/*.json deploy/clients/*.py deploy/clients/own_templates/*)
	@echo "Generating the services' clients ..."
	@$(BIN)/python -m deploy.clients
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@echo "Installing the pinned packages for tests into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
