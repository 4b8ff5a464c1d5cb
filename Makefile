# The commands of this repository. They need git, make and Python 3.11 or newer; uv is fetched into
# .cache where it is missing.

DIR ?= demo
PORT ?=
SHARD ?= 1/1
VERSION ?=
ONLY ?=
PYTHON ?= python3
JOBS ?= 2

RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest -n $(JOBS) --dist worksteal
# What needs PostgreSQL, Redis or RabbitMQ, or installs a service.
SERVED := $(addprefix tests/test_,accounts.py certificates.py chain.py dev.py docs_page.py doctor_servers.py harness.py image.py mail.py nginx.py observe.py outages.py parity.py rolling_restart.py servers.py surface.py telemetry.py tutorial.py variants.py)
# What goes further with --proof.
PROOF := $(addprefix tests/test_,accounts.py chain.py flips.py nginx.py observe.py parity.py rolling_restart.py shipping.py surface.py tree.py variants.py)
# What goes further with --soak.
SOAK := $(addprefix tests/test_,identity.py extensions.py update_lossless.py update_killed.py)

export PYTHON
export PATH := $(CURDIR)/.cache/bin:$(PATH)
# Another environment must not be taken for ours, and compiled modules halve every start.
unexport VIRTUAL_ENV PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME UV_PROJECT_ENVIRONMENT

.DEFAULT_GOAL := help
.PHONY: help uv programs demo test unit lint format proof soak bench constraints docs site recording release

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1:/p' $(firstword $(MAKEFILE_LIST)) | awk -F: '{ printf "make %-12s %s\n", $$1, $$2 }'

# What Debian has and no package of Python: fetched where it is missing; without it, tests are left out.
programs:
	@tools/debian nginx nginx || true
	@tools/debian prometheus prometheus promtool || true

uv: # services need it too, and it may be gone from PATH since the environment was made
	@tools/uv --version >/dev/null

demo: uv .venv/installed ## build the default service in DIR (./demo), and serve it on PORT (a free one)
	@test -f '$(DIR)/.copier-answers.yml' || .venv/bin/drydock new '$(DIR)' --defaults </dev/null
	@exec $(MAKE) --no-print-directory -C '$(DIR)' dev PORT='$(PORT)'

test: uv programs lint ## what to run before each commit
	$(PYTEST) tests </dev/null

unit: uv .venv/installed ## the tests that need no server
	$(PYTEST) --no-servers $(filter-out $(SERVED),$(wildcard tests/test_*.py)) </dev/null

lint: .venv/installed ## format, rules and types of this repository's own code
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy --strict

format: .venv/installed ## write the format, fix what can be fixed
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

# Beside PostgreSQL, Redis, RabbitMQ and Node.js it needs nginx and Prometheus, as `apt-get install
# nginx prometheus` brings them.
proof: uv programs .venv/installed ## every triple of answers run, every tree checked; SHARD=1/3 for a third of it
	@$(PYTEST) $(PROOF) --proof --shard $(SHARD) </dev/null; \
		verdict=$$?; $(RUN) tools.record_proof && $(RUN) tools.record_parity && exit $$verdict

soak: uv .venv/installed ## long random runs
	$(PYTEST) $(SOAK) --soak </dev/null

bench: uv .venv/installed ## ratios against hand-written floors; ONLY=list for one of them
	@tools/debian wrk,libluajit-5.1-2 wrk || true
	$(RUN) benchmarks.run $(addprefix --only ,$(ONLY))

docs: .venv/installed ## write what docs/ takes from the code
	$(RUN) tools.questions

site: uv .venv/installed ## build the documentation site
	@$(RUN) tools.site

recording: uv .venv/installed ## record `drydock new` anew, for README and site
	$(RUN) tools.recording

release: .venv/installed ## make a release of what is committed: VERSION=0.3.0
	@$(RUN) tools.release '$(VERSION)'

constraints: ## choose the newest versions that pyproject.toml allows, for constraints.txt
	tools/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links --custom-compile-command 'make constraints' \
		--group dev --output-file constraints.txt pyproject.toml
	for folder in tests/harness/generators tests/harness/shipping tools/zensical; do \
		(cd $$folder && uv pip compile --quiet --upgrade --universal \
			--python-version 3.11 --no-emit-index-url --no-emit-find-links \
			--custom-compile-command 'make constraints' --output-file requirements.txt \
			requirements.in) || exit 1; \
	done

# Made again where what it is made from has changed.
.venv/installed: pyproject.toml constraints.txt tools/uv
	@tools/uv venv --quiet --clear --python '$(PYTHON)' .venv
	@tools/uv pip install --quiet --python .venv --constraints constraints.txt --editable . --group dev
	@touch $@
