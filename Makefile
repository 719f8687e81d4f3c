# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup venv programs demo demo-shell demo-down test lint format docs unit integration molecule long bench bench-health bench-modes bench-scale reference steps lock clean fuzz

# Benchmarks find this checkout as the collection.
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache/collections

PY := .venv/bin/python
RUN := $(PY) tests/run.py $(if $(KEEP),--keep)

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make step-NAME      One step of the tests alone (\`make steps\` lists them; KEEP=1 leaves the lab up)"

demo: setup ## Start a topology, converge it, verify it with real packets, and let parts fail
	@$(PY) lab/demo

demo-shell: venv ## A shell in which ansible-playbook, lab and demo know the hosts
	@$(PY) lab/demo shell

demo-down: venv ## Take the demo down; nothing is left running
	@$(PY) lab/demo down

setup: ## Virtual environment and system packages; done once, quick afterwards
	@tests/setup.sh venv system

venv:
	@tests/setup.sh venv

programs: venv
	@tests/setup.sh programs

test: setup programs ## All tests: lint, unit, integration, molecule
	@$(RUN)

lint: venv ## Linters, types, documentation, ansible-test sanity
	@$(RUN) lint

format: venv ## Format the Python files, and fix what ruff can fix
	@.venv/bin/ruff check --fix --quiet . && .venv/bin/ruff format .

docs: venv ## The documentation site, in .cache/docsite/html
	@$(RUN) docsite

unit: venv ## Unit tests: no lab, no root
	@$(RUN) unit

fuzz: venv ## Tests of what others send, with far more examples
	@HYPOTHESIS_PROFILE=fuzz .venv/bin/pytest -n 2 -m fuzz tests/unit

integration: setup ## Module tests on the lab's kernel
	@$(RUN) integration

molecule: setup ## Molecule scenarios: whole topologies in the lab
	@$(RUN) molecule

long: setup ## Scenarios crash, migrate and vrrp in their long form, and managers
	@$(RUN) long

bench: setup ## Speed, each figure a ratio within one run
	@$(PY) tests/bench/run.py

bench-health: setup ## Our health checks beside keepalived's, in CPU time and memory
	@$(PY) tests/bench/health.py

bench-modes: setup ## The four modes beside a direct connection
	@$(PY) tests/bench/modes.py

bench-scale: venv ## What site.yml costs the controller, by hosts and destinations; simulated hosts
	@$(PY) tests/bench/scale.py

reference: venv ## Write what is made from the declaration's schema: specifications, documentation
	@$(PY) tests/checks/reference.py

steps: venv ## List the steps of the tests
	@$(RUN) --list

step-page step-promtool: programs

step-%: setup
	@$(RUN) $*

lock: ## Renew tests/constraints.txt with the newest versions that fit
	@tests/setup.sh lock

clean: ## Remove everything that make made, but not the lab's images
	@rm -rf .venv .ansible .hypothesis .ruff_cache tests/output
	@if [ -d .cache ]; then find .cache -mindepth 1 -maxdepth 1 ! -name lab -exec rm -rf {} +; fi
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
