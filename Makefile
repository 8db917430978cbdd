# Two commands do everything: `make report` and `make test`. Each sets up what it needs; a good set-up costs nothing.
.DEFAULT_GOAL := help
.PHONY: help setup report figures test check docs commands lock upgrade environment notebooks-clean wheel clean

BIN := .venv/bin
STUDY ?= studies/acute.toml

# Any Python 3.8+ starts the set-up, which then finds one that is new enough; a shim that exists may still not run.
BOOTSTRAP = for python in "$$RANKTRUST_PYTHON" python3 python python3.13 python3.12 /usr/bin/python3; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; then \
	    exec "$$python" tools/bootstrap.py $(1); fi; done; \
	echo "ranktrust: no Python 3.8 or newer runs as python3 or python: install one, or set RANKTRUST_PYTHON to its path." >&2; exit 2

# Workers x threads fit the cores: each worker computes on one. A file's tests share its fits, so a file stays together
# (pytest-xdist 3.8 does not honour its group marks under pytest 9.2), and the longest files begin first (tests/conftest.py).
ONE_THREAD = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv, or see that it is already made
	@$(call BOOTSTRAP)

report: setup ## set up, then run a study to its pages (STUDY=studies/acute.toml)
	$(BIN)/ranktrust run $(STUDY)

figures: setup ## set up, then rebuild data/ from the published files (SHARED=../shared)
	$(BIN)/python tools/figures.py $(if $(SHARED),--shared $(SHARED))

test: setup ## set up, then every test and check; skipped tests are listed with their reasons
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory check

check: setup ## set up, then lint, format and types, without tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: setup ## set up, then build the documentation site into dist/docs, warnings as errors
	$(BIN)/python tools/site.py

commands: setup ## write docs/commands.md from the commands
	$(BIN)/python tools/commands.py

lock: setup ## add what pyproject.toml asks for to requirements/lock.txt, then environment.yml; versions there stay
	@$(call BOOTSTRAP,lock)
	$(BIN)/python tools/envsync.py

upgrade: setup ## resolve requirements/lock.txt to the newest versions, then environment.yml
	@$(call BOOTSTRAP,upgrade)
	$(BIN)/python tools/envsync.py

environment: setup ## write environment.yml from pyproject.toml
	$(BIN)/python tools/envsync.py

notebooks-clean: setup ## take outputs and counts out of the notebooks
	@for notebook in notebooks/*.ipynb; do [ ! -e "$$notebook" ] || $(BIN)/nbstripout "$$notebook"; done

wheel: setup ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

clean: ## remove .venv, caches and built wheels; runs in outputs/ stay
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
