# Everything runs in .venv; nothing here needs root except apt, and that only for missing test tools.
.PHONY: help run check test bench fuzz soak smoke lock messages clean
PYTHON := .venv/bin/python

help:            ## these lines
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

run:             ## start the whole product on this machine (Ctrl-C stops it)
	@bin/install requirements.txt
	@exec $(PYTHON) -m contactcenter.runner

check:           ## style, types, layers, settings, migrations, translations
	@bin/install requirements-dev.txt
	@bin/check

test:            ## all tests, on SQLite and on PostgreSQL
	@bin/install requirements-dev.txt
	@bin/test

bench:           ## measure; each script prints JSON
	@bin/install requirements-dev.txt
	@bin/bench

soak:            ## random kills under load for 20 minutes; SECONDS=… SEED=…
	@bin/install requirements-dev.txt
	@$(PYTHON) -m tests.kills.soak --seconds $(or $(SECONDS),1200) $(if $(SEED),--seed $(SEED))

fuzz:            ## bad input for an hour of your choice: make fuzz SECONDS_EACH=60 TARGET=frontdoor SEED=7
	@bin/install requirements-dev.txt
	@SECONDS_EACH=$(SECONDS_EACH) TARGET=$(TARGET) SEED=$(SEED) bin/fuzz

smoke:           ## one real call through the whole product
	@bin/install requirements-dev.txt
	@$(PYTHON) bin/smoke

messages:        ## collect the texts to be translated into locale/
	@bin/install requirements-dev.txt
	@$(PYTHON) manage.py messages

lock:            ## write requirements.lock anew from requirements-dev.txt
	@bin/lock

clean:           ## remove the virtual environment and what tools left behind (not var/, your data)
	rm -rf .venv .ruff_cache .mypy_cache .import_linter_cache .hypothesis
