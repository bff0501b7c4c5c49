# `make repro` and `make test` need python3 (3.11 or newer), git and make; everything else they install into .venv.
.DEFAULT_GOAL := help

# DVC runs the stages as `python -m pipeline ...`: that python must be .venv's.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help repro paper study dashboard track ui serve test test-slow bench regression regression-alarms regression-power
.PHONY: lint audit readme lock extras clean .venv

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-19s%s\n", $$1, $$2 }' Makefile

repro: .venv  ## bring up to date what is not: download, prepare, search, train, evaluate, compare, track
	@[ -e mlflow.db ] || rm -f .cache/tracked.json # DVC's sign that MLflow has the runs
	@dvc repro

paper: .venv  ## the 1998 experiment itself, less than an hour on two cores: reports/paper/ (docs/paper.md)
	@[ -e mlflow.db ] || rm -f .cache/tracked-1998.json
	@dvc repro pipeline/paper/dvc.yaml

study: .venv  ## the search alone: goes on with a stopped study, adds to a finished one (docs/studies.md)
	@dvc repro search

dashboard: extras  ## watch the study in optuna-dashboard, on 127.0.0.1
	@python tools/dashboard.py

track: .venv  ## fill MLflow from the result files; what is there already stays as it is
	@python -m pipeline track

ui: .venv  ## browse the runs in MLflow, on 127.0.0.1
	@MLFLOW_DISABLE_TELEMETRY=true mlflow ui --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1

serve: .venv  ## answer for digits with the champion, on 127.0.0.1 (docs/serving.md)
	@python tools/serve.py

test: extras  ## run the tests, on all cores; without those that take minutes
	@python -m pytest -m "not slow" --numprocesses=logical --maxprocesses=8 --dist=loadfile

# Not reordered: files of one long test would come last, and the other workers would wait for them.
test-slow: extras  ## run the tests that take minutes
	@python -m pytest -m slow --timeout=600 --numprocesses=logical --maxprocesses=8 --dist=loadfile --no-loadscope-reorder

bench: .venv  ## measure the speed of everything, some 45 minutes on a quiet machine; writes reports/bench/
	@python -m benchmarks

regression: .venv  ## has a change made results worse? FULL=1: those in reports/, against a git revision (docs/regression.md)
	@[ -n "$(FULL)" ] || [ -e data/raw/train-images-idx3-ubyte ] || [ -n "$$LENET5_DATA" ] || dvc repro download
	@python -m regression $(if $(FULL),full $(if $(REVISION),--revision $(REVISION)),check $(if $(ALLOW_CHANGE),--allow-change)) $(if $(MARKDOWN),--markdown $(MARKDOWN))

regression-alarms: .venv  ## how often the gate cries wolf: 200 honest re-seedings, an hour or so; goes on where it stopped
	@python -m regression alarms

regression-power: .venv  ## what the gate catches: every mistake of a catalogue planted in turn; goes on where it stopped
	@python -m regression.power

lint: .venv  ## check style, types, who imports whom, and the workflows
	@ruff check .
	@ruff format --check .
	@mypy src pipeline tests tools benchmarks regression
	@lint-imports
	@actionlint
	@zizmor --offline --quiet .github

audit: .venv  ## ask for known holes in the locked packages (docs/security.md)
	@python tools/audit.py

readme: .venv  ## write the results table and the pipeline's picture into README.md
	@python -m tools.readme

extras: .venv  ## add what only some need: Ray, PostgreSQL, the dashboard
	@sh tools/set_up.sh extras

lock: .venv  ## pin anew what pyproject.toml asks for (docs/dependencies.md tells more)
	@python tools/lock.py

clean:  ## remove .venv and the caches of the tools; never data or results
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis src/lenet5.egg-info
	@find src pipeline tests tools benchmarks regression -name __pycache__ -prune -exec rm -rf {} +
	@echo "Left: data/ models/ reports/ .dvc/cache/ .cache/ (finished jobs, copies that bench made) .studies/ (Optuna) mlflow.db mlartifacts/"

.venv:
	@sh tools/set_up.sh
