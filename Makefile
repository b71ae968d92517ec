# Everything runs in .venv, which is made from pinned and hashed lock files. `make` lists the targets.
#   PYTHON=...   the Python (3.11 or newer) to make .venv with; found by itself when not given
#   ARGS=...     passed on by run, test, crash, soak, mutants, load and bench
#   UPGRADE=--upgrade   lets `make lock` move versions that still satisfy the requirements

VENV := .venv
BIN := $(VENV)/bin
# Stamps: what they depend on is newer only when there is something to install.
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/python -m uv pip compile --quiet --no-config --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE)
PEERS := tests/peers/netbox
# What only audits need has an environment of its own, so that the tests' stays as it is.
AUDIT := .audit
ENGINE := docker
IMAGE := syncd
AUDITED := $(AUDIT)/.installed
# So has the site of the documentation.
SITE := .site
SITED := $(SITE)/.installed
MKDOCS = NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs

# The tests start the command hundreds of times: its bytecode is kept, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run venv check format test test-alone crash soak fuzz mutants capacity load bench bench-check peers lock deploy netbox-dump clean build chart \
	image licences sbom audit notes docs docs-serve

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME) ## start the demo: a replayed quarter on sandbox upstreams (ARGS=...)
	@exec $(BIN)/syncd demo $(ARGS)

venv: $(DEV) ## make .venv with everything for development

check: $(DEV) ## lint, formatting, types, the dependency rules between packages, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.dead

format: $(DEV) ## fix what ruff can fix, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: peers ## run the tests, on real PostgreSQL, NetBox and Prometheus (ARGS=...)
	$(BIN)/pytest -n 4 --dist loadgroup $(ARGS)

test-alone: peers ## run each file of tests by itself, in any order (an hour; ARGS=tests/store)
	@$(BIN)/python -m tests.alone $(ARGS)

crash: peers ## run the long tests: a thousand kills, and more faults (two hours; ARGS=tests/crashes)
	$(BIN)/pytest -m 'crash or long' $(ARGS)

soak: peers ## live through a quarter of virtual time with faults and replicas at random (an hour; ARGS=--help)
	@$(BIN)/python -m tests.soak $(ARGS)

fuzz: $(DEV) ## search for bytes, answers and files that break a reader of them (minutes; ARGS='--seconds N')
	@$(BIN)/python -m tests.fuzz $(ARGS)
	@EXAMPLES=20 $(BIN)/pytest tests/fuzz

mutants: $(DEV) ## make what judges wrong, and list what no test notices (hours, and goes on; ARGS='MODULE --sample N')
	@nice $(BIN)/python -m tests.mutants $(ARGS)

capacity: $(DEV) ## measure what syncd takes by size, for docs/guide/capacity.md (minutes)
	@$(BIN)/python -m tests.capacity

load: peers ## measure 200 readers of 10,000 key results beside the worker (long; ARGS=...)
	@$(BIN)/python -m tests.load $(ARGS)

bench: peers ## measure syncd beside what one would use instead, and write docs/reference/performance.md (ARGS=--help)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-check: $(DEV) ## compare counted work (requests, rows, bytes, statements) with what is kept (ARGS=--write)
	@$(BIN)/python -m tests.bench.check $(ARGS)

peers: $(DEV) ## install the servers that the tests talk to
	@$(BIN)/python tests/peers/install.py

lock: | $(BIN)/python ## write the lock files anew from pyproject.toml (UPGRADE=--upgrade)
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(PIP) 'uv>=0.7,<1'
	$(COMPILE) --universal --python-version 3.11 pyproject.toml --output-file requirements.lock
	$(COMPILE) --universal --python-version 3.11 --extra dev --constraint requirements.lock \
		pyproject.toml --output-file requirements-dev.lock
	$(COMPILE) --universal --python-version 3.11 --extra notify --extra otel --extra postgresql \
		--constraint requirements-dev.lock pyproject.toml --output-file deploy/requirements.lock
	$(COMPILE) --universal --python-version 3.11 deploy/build.in --output-file deploy/build.lock
	$(COMPILE) --universal --python-version 3.11 deploy/audit.in --output-file deploy/audit.lock
	$(COMPILE) --universal --python-version 3.11 deploy/site.in --output-file deploy/site.lock
	$(COMPILE) --no-annotate --python-platform linux --python-version 3.12 \
		--override $(PEERS)/overrides.txt $(PEERS)/requirements.in \
		--output-file $(PEERS)/requirements.lock

docs: $(SITED) ## build the documentation as a site into site/; fails for a link that leads nowhere
	@$(MKDOCS) build

docs-serve: $(SITED) ## show that site while its pages are written, at http://127.0.0.1:8000
	@$(MKDOCS) serve

deploy: $(DEV) ## write anew what is made: chart table and schema, plain manifests, pages of docs/reference
	@$(BIN)/python -m deploy.generate

netbox-dump: peers ## make the kept empty NetBox database anew (ten minutes)
	$(BIN)/python -m tests.peers.netbox.make_dump

build: $(DEV) ## build the sdist and, of that, the wheel into dist/
	@rm -rf build
	$(BIN)/python -m uv build --quiet --no-config --build-constraint deploy/build.lock --require-hashes \
		--out-dir dist .

chart: $(DEV) ## pack the Helm chart into dist/ for a version of syncd (TAG=v1.2.3)
	@$(BIN)/python -m deploy.release chart '$(TAG)' dist

image: ## build the container image of a version (TAG=v1.2.3 IMAGE=name ENGINE=podman)
	$(ENGINE) build --file deploy/Containerfile --build-arg VERSION='$(TAG:v%=%)' \
		--tag '$(IMAGE):$(TAG:v%=%)' .

notes: $(DEV) ## print what CHANGELOG.md says of a version (TAG=v1.2.3)
	@$(BIN)/python -m deploy.release notes '$(TAG)'

licences: $(DEV) ## write docs/reference/licences.md anew; fails for a licence that nobody has looked at
	@$(BIN)/python -m deploy.release licences

sbom: $(AUDITED) ## write dist/syncd.cdx.json, a CycloneDX list of the Python packages in the image (TAG=v1.2.3)
	@mkdir -p dist
	@sed 's/^dynamic = .*/version = "$(if $(TAG),$(TAG:v%=%),0.0.0)"/' pyproject.toml > $(AUDIT)/component.toml
	PYTHONWARNINGS=ignore $(AUDIT)/bin/cyclonedx-py requirements --validate --output-reproducible --mc-type application \
		--pyproject $(AUDIT)/component.toml --output-format JSON --output-file dist/syncd.cdx.json \
		deploy/requirements.lock

# What an audit finds today it may not have found yesterday: it is no part of `make check`.
audit: $(AUDITED) ## look for known vulnerabilities in the lock files (needs the network), and for unsafe code
	$(AUDIT)/bin/bandit --quiet --recursive --severity-level medium syncd connectors deploy
	@for lock in deploy/requirements.lock requirements-dev.lock deploy/build.lock deploy/audit.lock \
		deploy/site.lock; do \
		echo "looking up $$lock"; \
		$(AUDIT)/bin/pip-audit --progress-spinner off --strict --disable-pip --require-hashes \
			--requirement "$$lock" || { echo "make audit: $$lock was not found to be free of known \
vulnerabilities: either one is named above, or the database of advisories could not be asked" >&2; \
			exit 1; }; \
	done

clean: ## remove everything that make and the tests made
	rm -rf $(VENV) $(AUDIT) $(SITE) .peers build dist site *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Candidates are run, not only found: a pyenv shim is on the PATH also when its version is not chosen,
# and Debian's python3 lacks ensurepip until python3-venv is installed.
$(BIN)/python:
	@works() { "$$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
		>/dev/null 2>&1; }; \
	found=; \
	if [ -n "$(PYTHON)" ]; then \
		if works "$(PYTHON)"; then found="$(PYTHON)"; \
		else echo "PYTHON=$(PYTHON) is not a working Python 3.11 or newer with venv" >&2; exit 1; fi; \
	else \
		for python in python3.13 python3.12 python3.11 python3 python \
			"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin/python; do \
			if works "$$python"; then found=$$python; break; fi; \
		done; \
	fi; \
	if [ -z "$$found" ]; then \
		echo "No working Python 3.11 or newer with its venv module was found: install one" \
			"(Debian: python3 and python3-venv) or name it: make PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi; \
	echo "making $(VENV) with $$found"; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# The development lock holds the run-time pins too, so having it is having both.
$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing syncd"
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "installing syncd for development"
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@$(PIP) --no-deps --editable .
	@touch $(RUNTIME) $@

# An environment of its own of a lock file: its folder, and what it is for.
define environment
	@echo "installing what $(2) into $(1)"
	@$(BIN)/python -m venv --clear $(1)
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
endef

$(AUDITED): deploy/audit.lock | $(BIN)/python
	$(call environment,$(AUDIT),audits need)

$(SITED): deploy/site.lock | $(BIN)/python
	$(call environment,$(SITE),the site is built with)
