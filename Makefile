# Every command does its own set-up: a fresh clone needs git, make and Python 3.13.
# `make help` lists them; PORT= chooses the first of the demonstration's four ports.

PORT ?= 8000
PYTHON := .venv/bin/python
# For the commands that read the settings but no database.
SETTINGS_ONLY := DEV=1 DATABASE_URL=postgresql:///none
PYTEST := $(PYTHON) -m pytest
# The settings of a real site: what `check --deploy` must find nothing to say about.
PRODUCTION := env -u DEV SECRET_KEY=check-only-b2Jq9sX0cVwZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM6gPz \
  MARKS_KEYS=check:9bXyG0m2cQZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM \
  DATABASE_URL=postgresql:///none ALLOWED_HOSTS=parloir.example SITE_URL=https://parloir.example \
  FRANCECONNECT_ISSUER=https://issuer.example/api/v2 FRANCECONNECT_CLIENT_ID=check FRANCECONNECT_CLIENT_SECRET=check \
  FRANCECONNECT_ALG=ES256 PROCONNECT_ISSUER=https://agents.example/api/v2 PROCONNECT_CLIENT_ID=check \
  PROCONNECT_CLIENT_SECRET=check PROCONNECT_ALG=RS256 EMAIL_URL=smtps://mail.example SMS_URL=https://sms.example/send

.PHONY: help setup files run test soak check tutorials fix bench reset
.SILENT:
.NOTPARALLEL:

help: ## list the commands
	grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-9s %s\n' "$$name" "$$what"; done

setup: ## make .venv hold what requirements/dev.txt locks (every other command does it too)
	.ci/setup

files: setup
	$(SETTINGS_ONLY) $(PYTHON) manage.py prepare --files-only

run: setup ## start the demonstration: site, database, worker, sign-in, message catcher (PORT=8000)
	PORT='$(PORT)' exec $(PYTHON) -m parloir.demo.run

test: files ## run every test, the browser's too (ARGS= for pytest)
	$(PYTHON) -m tests.browser
	$(PYTHON) -m tests.nginx
	exec $(PYTEST) -q -n 2 --dist loadgroup $(ARGS)

soak: files ## run the long forms of races, state machines, fuzzing and message storms
	$(PYTHON) -m tests.browser
	exec $(PYTEST) -q -m soak $(ARGS)

check: setup ## format, lint, types, imports, templates, migrations, translations, settings of a real site
	$(PYTHON) -m ruff format --check --quiet .
	$(PYTHON) -m ruff check --quiet .
	$(SETTINGS_ONLY) $(PYTHON) -m mypy .
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(PYTHON) -m djlint --quiet --lint parloir
	DEV=1 $(PYTHON) -m parloir.demo.postgres run --data check --fast -- $(PYTHON) manage.py makemigrations --check --dry-run
	$(SETTINGS_ONLY) $(PYTHON) manage.py check_translations
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	echo 'make check: nothing to say.'

tutorials: files ## record the video tutorials anew (ARGS= for some; VOICE= a piper voice file); needs libfaketime and a voice
	$(PYTHON) -m tests.browser
	$(PYTHON) -m uv pip install --quiet --python $(PYTHON) --require-hashes -r requirements/tutorials.txt
	DEV=1 PORT='$(PORT)' $(PYTHON) -m studio.record $(ARGS)
	TUTORIALS_FILMED='$(or $(ARGS),$(shell ls parloir/content/tutorials | sed -n 's/^[0-9]*-\(.*\)\.toml$$/\1/p'))' $(PYTEST) -q -p no:randomly tests/tutorials

fix: setup ## format and mend what can be mended by itself
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

bench: files ## run the benchmarks; writes bench/results/ and prints a table
	exec $(PYTHON) -m bench.run $(ARGS)

reset: setup ## delete the demonstration's data: the next start makes it anew
	$(PYTHON) -m parloir.demo.postgres drop --data demo
	rm -rf var/caught
