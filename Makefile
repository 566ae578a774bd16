# What people and CI run. Needs make (GNU, 3.81 or newer) and Python 3.11 or newer; the rest sets itself up in .venv.

BIN := .venv/bin
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help demo test check audit format bench

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: $(INSTALLED) ## Show the main job: from an empty broker to "yes, you can deploy"
	@$(BIN)/python docs/examples/demo.py

test: $(INSTALLED) ## Run every test, with the coverage of branches
	@$(BIN)/python tests/support/prerequisites.py
	$(BIN)/pytest --numprocesses=auto --cov --cov-report=term

check: $(INSTALLED) ## Lint, types, layers, dependencies; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

audit: $(INSTALLED) ## Look the dependencies up in the database of known weaknesses (network)
	$(BIN)/pip-audit --skip-editable

format: $(INSTALLED) ## Format the code and fix what can be fixed by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## Print the benchmarks; they assert nothing
	@$(BIN)/python tests/support/prerequisites.py
	@for benchmark in tests/benchmarks/bench_*.py; do PYTHONPATH=tests $(BIN)/python $$benchmark || exit; done

$(INSTALLED): pyproject.toml .ci/set-up.sh
	@sh .ci/set-up.sh
	@touch $@
