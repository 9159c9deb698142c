# What a user and a developer type; `make help` tells. Needs GNU make and Python 3.11+.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

# Passed on to `mercato build` and `mercato docs`, for example
# `make build INPUT=../shop AS_OF=2011-12-09`.
INPUT ?=
AS_OF ?=
DATA_OPTIONS = $(if $(INPUT),--input "$(INPUT)") $(if $(AS_OF),--as-of "$(AS_OF)")
# Not empty: install PyTorch too, for the neural recommender.
NEURAL ?=
INSTALLED_NEURAL = $(if $(NEURAL),$(VENV)/.installed-neural)
# How many times 100,000 order lines `make benchmark` builds, one size after another.
SCALES ?= 1

.PHONY: help
help: ## Show this help
	@echo "make TARGET [INPUT=folder] [AS_OF=date] [NEURAL=1]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)

.PHONY: build
build: $(VENV)/.installed $(INSTALLED_NEURAL) ## Build and test the warehouse, publish it if all holds
	@$(BIN)/mercato build $(DATA_OPTIONS)

.PHONY: test
test: $(VENV)/.installed-dev $(INSTALLED_NEURAL) ## Run every Python test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

.PHONY: lint
lint: $(VENV)/.installed-dev ## Check the style of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MERCATO_WAREHOUSE=:memory: DBT_TARGET_PATH=target/lint \
		$(BIN)/sqlfluff lint $(wildcard models tests analyses)

.PHONY: docs
docs: $(VENV)/.installed ## Write the documentation page site/index.html
	@$(BIN)/mercato docs $(DATA_OPTIONS)

.PHONY: tune
tune: $(VENV)/.installed ## Search for better recommender parameters (MINUTES=10)
	@$(BIN)/mercato tune $(if $(MINUTES),--minutes $(MINUTES))

.PHONY: calibrate
calibrate: $(VENV)/.installed ## Simulate experiments on the shop's visitors (SIMULATIONS=2000)
	@$(BIN)/mercato calibrate $(if $(SIMULATIONS),--simulations $(SIMULATIONS))

.PHONY: benchmark
benchmark: $(VENV)/.installed ## Measure builds of synthetic shops (SCALES="1 10")
	$(BIN)/python -m benchmarks.run $(SCALES)

.PHONY: spark
spark: $(VENV)/.installed-spark ## Install what dbt's target spark needs, besides Java
	@echo "$(BIN)/dbt build --profiles-dir profiles --target spark"

.PHONY: parity
parity: $(VENV)/.installed-spark ## Build the sample on DuckDB and Spark and compare them
	$(BIN)/python -m benchmarks.parity

.PHONY: clean
clean: ## Remove what builds and tests left; keep .venv and the published warehouse
	rm -rf build target logs site .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Remove all that make made, even the published model history
	rm -rf $(VENV) published

.PHONY: lock
lock: ## Choose new package versions for all lock files (needs uv)
	@command -v $(UV) > /dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	rm -f $(LOCKS)
	$(UV_COMPILE) --group build --group dev --output-file requirements-dev.lock
	$(UV_COMPILE) --group build --constraints requirements-dev.lock \
		--output-file requirements.lock
	$(UV_COMPILE) --group build --extra spark --constraints requirements-dev.lock \
		--output-file requirements-spark.lock
	@! grep -nE '://|index-url|find-links' $(LOCKS)

# All locks name the same versions, so that the tests run on what users get.
LOCKS := requirements.lock requirements-dev.lock requirements-spark.lock
UV_COMPILE = $(UV) pip compile pyproject.toml --quiet --no-config --universal \
	--generate-hashes --no-header --no-annotate

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "mercato needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }

# A stamp is newer than the lock it was installed from, so nothing is installed twice.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the packages of requirements.lock"
	@$(PIP_INSTALL) --require-hashes --requirement requirements.lock
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-neural: pyproject.toml | $(VENV)/.installed
	@echo "Installing PyTorch for the neural recommender"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-build-isolation --editable '.[neural]'
	@touch $@

$(VENV)/.installed-spark: requirements-spark.lock | $(VENV)/.installed
	@command -v java > /dev/null || { \
		echo "Spark needs Java 17; on Debian: apt-get install openjdk-17-jre-headless"; exit 1; }
	@echo "Installing the packages of requirements-spark.lock"
	@$(PIP_INSTALL) --require-hashes --requirement requirements-spark.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the packages of requirements-dev.lock"
	@$(PIP_INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@
