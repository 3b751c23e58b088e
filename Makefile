# Op@le Pilot. `make help` lists the targets; each installs what it needs first.
PYTHON ?= python3
BIN := .venv/bin
# `make test TESTS=tests/deployment`, `make test PYTEST_OPTIONS="-k volumetry"`
TESTS ?= tests
PYTEST_OPTIONS ?=
# Three processes on two cores: many tests wait for a server, a browser or a lease.
PYTEST = $(BIN)/pytest -q -n 3 --dist loadgroup $(TESTS) $(PYTEST_OPTIONS)
RUNS ?= 50
# Bytecode is kept, also where the environment forbids it: without it each process compiles Django for seven seconds.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install run worker test check fix reset bench chaos rights access

help:  ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 16

install:  ## create .venv and install the lock file (every target does)
	@$(PYTHON) opale_pilot/bootstrap.py

run: install  ## migrate, load the demo if empty, serve the site and a worker (PORT=8000)
	@$(BIN)/python manage.py serve --prepare

worker: install  ## a worker and the clock alone, beside a site served elsewhere
	@$(BIN)/python manage.py serve --only worker

test: install  ## the suite on SQLite, in parallel
	@$(PYTEST)

# mypy starts afresh: from a cache of an earlier run django-stubs misses related managers.
check: install  ## what continuous integration runs: style, types, ladder, suite on SQLite then PostgreSQL and Redis
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/mypy --no-incremental .
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(PYTEST)
	$(BIN)/python -m tests.services run -- $(PYTEST) -m "not browser"

fix: install  ## put the code in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reset: install  ## new demonstration database (deletes var/)
	rm -rf var
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo

bench: install  ## measure against floors; ONLY=name for one, ENGINE=postgresql for the other engine
	@$(BIN)/python -m bench $(ONLY)

chaos: install  ## faults of broker, workers, mail relay, database and site, many times (RUNS=50)
	RUNS=$(RUNS) $(BIN)/pytest -q -n 2 --dist loadgroup --figures tests/accounts/test_jobs_faults.py \
		tests/accounts/test_mail_faults.py tests/surveys/test_history.py

rights: install  ## write tests/rights_matrix.txt again after a change of rights
	@$(BIN)/python -m tests.rights_matrix

access: install  ## write tests/access_matrix.txt again after a new address or a change of rights
	@$(BIN)/pytest -q -n0 tests/test_access_matrix.py --write-access-matrix
