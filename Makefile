# What people and CI run. Needs make (GNU, 3.81 or newer) and Python 3.11 or newer; the rest sets itself up in .venv.

BIN := .venv/bin
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help demo test shuffle coverage-of-change endure check check-lowest check-newest audit lock format bench bench-check screenshots next-version release

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

demo: $(INSTALLED) ## Show the main job: from an empty broker to "yes, you can deploy"
	@$(BIN)/python docs/examples/demo.py

# 1 is the exit code when tests failed: up to three of them are run again, alone, and named if they hold then.
test: $(INSTALLED) ## Run every test, with the coverage of branches
	@$(BIN)/python tests/support/prerequisites.py
	$(BIN)/pytest --numprocesses=auto --cov --cov-report=term --cpu-report || \
		{ [ $$? -eq 1 ] && $(BIN)/python tests/support/second_try.py; }

# A test that holds only after another, or by chance, shows itself here. Each run prints its seed; SEED repeats it.
shuffle: $(INSTALLED) ## Run every test in a random order, as often as TIMES says
	@$(BIN)/python tests/support/prerequisites.py
	@for time in $$(seq $(or $(TIMES),1)); do \
		$(BIN)/pytest -p randomly --randomly-seed=$(or $(SEED),default) --numprocesses=auto --quiet || exit; \
	done

# First the tests with `@search` or the requests of support/fuzzing.py; then those of PostgreSQL behind a pooler, with
# all transactions serializable, and with ids in no order, as databases of several machines have them. The rest is
# tests/endurance, half an hour; `python -m endurance PIECE` runs a piece of it.
endure: $(INSTALLED) ## Search at random, kill, crash and crowd for longer than `make test` does; print a table
	@$(BIN)/python tests/support/prerequisites.py endure
	SEARCH_TIMES=$(or $(TIMES),40) $(BIN)/pytest --numprocesses=auto \
		$$(grep -rlE 'support.(searching|fuzzing) import' tests --include='test_*.py')
	PYTHONPATH=tests $(BIN)/python tests/benchmarks/run_differential.py
	TALLYSTICK_POOLER=yes $(BIN)/pytest --numprocesses=auto -k postgresql tests/broker/storage tests/acceptance
	TALLYSTICK_SERIALIZABLE=yes $(BIN)/pytest --numprocesses=auto -k postgresql tests/broker/storage
	TALLYSTICK_UNORDERED=yes $(BIN)/pytest --numprocesses=auto -k postgresql tests/broker/storage
	PYTHONPATH=tests $(BIN)/python -m endurance --share $(or $(SHARE),1)
	PYTHONPATH=tests $(BIN)/python -m endurance.dashboard

# What `make test` measured. BASE=release compares with another branch.
coverage-of-change: $(INSTALLED) ## After `make test`: name the changed lines that no test runs, and fail if there are any
	@$(BIN)/coverage xml --quiet --fail-under=0 -o build/coverage.xml
	@$(BIN)/diff-cover build/coverage.xml --compare-branch=$(or $(BASE),main) --fail-under=100

check: $(INSTALLED) ## Lint, types, layers, dependencies; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

# A bound that nobody has run is a guess. Python 3.11 too is the lowest that is allowed.
check-lowest: $(INSTALLED) ## Run the quick tests with the lowest versions that pyproject.toml allows (network)
	@$(BIN)/uv venv --quiet --clear --python 3.11 .venv-lowest
	@$(BIN)/uv pip install --quiet --python .venv-lowest --resolution lowest-direct \
		--group test --editable '.[broker,otel,s3,verifier,consumer,mcp]'
	@.venv-lowest/bin/python tests/support/lowest_versions.py
	.venv-lowest/bin/python -m pytest --numprocesses=auto -m 'not slow'

# What runs on every machine is the compiler alone, in WebAssembly: see tests/support/newest_python.py.
check-newest: $(INSTALLED) ## Compile every module with the newest Python, warnings are errors (network)
	@PYTHONPATH=tests $(BIN)/python tests/support/newest_python.py

# Fails as well when nobody could be asked. SOURCE=osv asks another database.
audit: $(INSTALLED) ## Look the locked dependencies up in a database of known weaknesses (network)
	@$(BIN)/python tests/support/audit.py requirements-dev.lock $(or $(SOURCE),pypi)

# First what the tests run with, then the same for the image. No index is written down: the environment chooses it.
COMPILE := uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --no-annotate \
	--custom-compile-command 'make lock'
lock: $(INSTALLED) ## Renew the versions in requirements-dev.lock and constraints.txt (network)
	$(BIN)/$(COMPILE) --all-extras --group test --group check --generate-hashes --output-file requirements-dev.lock
	$(BIN)/$(COMPILE) --extra broker --extra otel --constraints requirements-dev.lock --output-file constraints.txt

format: $(INSTALLED) ## Format the code and fix what can be fixed by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## Print the benchmarks; they assert nothing
	@$(BIN)/python tests/support/prerequisites.py
	@for benchmark in tests/benchmarks/bench_*.py; do PYTHONPATH=tests $(BIN)/python $$benchmark || exit; done

# The figures are in bare requests of Flask, in tests/benchmarks/figures.json; KEEP=yes keeps what is measured now.
bench-check: $(INSTALLED) ## On a quiet machine: fail if a request, a start or a replay costs 15 % more than is kept
	@$(BIN)/python tests/support/prerequisites.py
	@PYTHONPATH=tests KEEP=$(KEEP) $(BIN)/python tests/benchmarks/check_figures.py

next-version: $(INSTALLED) ## Give what is unreleased the version VERSION, in CHANGELOG.md and pyproject.toml
	@PYTHONPATH=tests $(BIN)/python tests/support/release.py next-version '$(VERSION)'

# CHECKS says what is run first; what is left out has to be run before the release is given to anybody.
release: $(INSTALLED) ## Build the version at the top of CHANGELOG.md into dist; nothing is tagged or sent
	@PYTHONPATH=tests $(BIN)/python tests/support/release.py build --checks '$(or $(CHECKS),check audit test)'

screenshots: $(INSTALLED) ## Take the pictures of the pages in docs/images anew; look at them before you commit them
	@$(BIN)/python tests/support/prerequisites.py
	PYTHONPATH=tests $(BIN)/python tests/support/screenshots.py

$(INSTALLED): pyproject.toml requirements-dev.lock .ci/set-up.sh
	@sh .ci/set-up.sh
	@touch $@
