# Two commands do everything on a new machine: `make reports` and `make test`.
#
#   make reports              reports for all areas of the survey in parameters/
#   make reports ARGS="sdn:angered --wave 2024"
#   make test                 all tests
#   make test ARGS="tests/test_files.py -k folder"
#   make evidence             full-size runs, some minutes
#   make bench                speed beside the floor and other packages, to docs/benchmarks.md
#   make docs                 the API reference from the code, to docs/api/index.html
#   make lock                 after a change of dependencies in pyproject.toml
#
# Needs make, git and Python 3.11 or newer (with venv); uses uv when it is there. Everything is
# installed in .venv of this folder. On Windows: see README.md, the same by `trygg`.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help reports test evidence bench docs lock install clean

VENV := .venv
IN_VENV := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PYTHON := $(IN_VENV)/python
INSTALLED := $(VENV)/installed

# One thread per process: small products are faster so, and the batch uses all cores by itself.
export OPENBLAS_NUM_THREADS := 1
# Many containers forbid writing compiled Python; every kernel would then compile it all anew.
unexport PYTHONDONTWRITEBYTECODE
# Nothing from outside our own environment.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH
export UV_COMPILE_BYTECODE := 1
export UV_PROJECT_ENVIRONMENT := $(VENV)

help:
	@awk '!/^#/ {exit} {sub(/^# ?/, ""); print}' Makefile

install: $(INSTALLED)

reports: $(INSTALLED)
	$(PYTHON) -m survey_lib.cli reports $(ARGS)

# The whole suite runs on all cores, a file in one process since its tests share what they make, in
# the files' order, whose last are short; a chosen part of it in one process, as pytest would.
test: $(INSTALLED)
	PYTHONWARNDEFAULTENCODING=1 $(PYTHON) -m pytest $(or $(ARGS),--numprocesses=auto --dist=loadfile --no-loadscope-reorder)

evidence: $(INSTALLED)
	PYTHONWARNDEFAULTENCODING=1 $(PYTHON) -m pytest -m evidence --durations=0 $(or $(ARGS),--numprocesses=auto --dist=loadgroup)

bench: $(INSTALLED)
	$(PYTHON) benchmarks/run.py $(ARGS)

docs: $(INSTALLED)
	$(PYTHON) .ci/api.py

lock: $(INSTALLED)
	uv lock
	uv sync --frozen --quiet
	$(PYTHON) .ci/lock.py
	@touch $(INSTALLED)

clean:
	rm -rf $(VENV)

# The stamp is newer than what it was installed from, so a second run installs nothing.
$(INSTALLED): pyproject.toml uv.lock requirements.txt
	@if uv --version >/dev/null 2>&1; then \
	    echo "Installing in $(VENV) with uv ..."; \
	    uv sync --frozen --quiet; \
	else \
	    .ci/install $(VENV) $(PYTHON); \
	fi
	@touch $@
