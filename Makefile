# Commands of The ReLU Book. Each prepares what it needs; `make help` lists them.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
else
  BIN := $(VENV)/bin
endif
RUN := $(BIN)/python

# Stamps: an environment is made anew when what it was made from has changed.
READER := $(VENV)/.installed
AUTHOR := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help book run-assets test lab serve bench store study mutants test-processors test-binder links address vendor lock clean

help:  ## list these commands
	@echo "The ReLU Book"
	@sed -n 's/^\([a-z-]*\):.*##/  make \1:/p' Makefile

$(VENV)/.made:
	@$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else 'The ReLU Book needs Python 3.11 or newer, and $(PYTHON) is ' + sys.version.split()[0] + '. Name another one: make book PYTHON=python3.12')"
	@echo "Making an environment of its own in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(READER): $(VENV)/.made requirements.txt constraints.txt tools/environment.py
	@$(RUN) tools/environment.py install
	@touch $@

$(AUTHOR): $(READER) requirements-dev.txt
	@$(RUN) tools/environment.py install --dev
	@touch $@

book: $(READER)  ## build the site from the stored outputs
	@rm -rf _build
	@$(BIN)/jupyter-book build . -W -n --keep-going
	@echo
	@echo "The book is built. Open _build/html/index.html, or run 'make serve'."

run-assets: $(READER)  ## fetch Python for the page once, for the site's Run buttons
	@$(RUN) tools/run_assets.py

serve:  ## show the built site on this machine
	@test -f _build/html/index.html || { echo "There is no built site yet: run 'make book' first."; exit 1; }
	@echo "The book is at http://127.0.0.1:8000 (Ctrl-C ends this)"
	@$(PYTHON) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: $(READER)  ## open the chapters in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=notebooks

test: $(AUTHOR)  ## re-run every notebook against its stored outputs, and all other tests
	@$(RUN) tools/browser.py ensure
	@$(RUN) tools/run_assets.py
# What is timed never shares the machine with another test; pages of the site can, two at a time.
# The second run says what it found even where the first one failed.
	@$(RUN) -m pytest --ignore-glob='tests/test_site*.py'; first=$$?; \
	$(RUN) -m pytest -n 2 --dist loadgroup tests/test_site*.py && exit $$first

store: $(READER)  ## run notebooks and store their outputs (NB=02: that chapter alone)
	@$(RUN) tools/store.py $(NB)

study: $(READER)  ## train the networks of chapters 13 and 14 anew, about an hour, resumable (CHECK=1: some of them, compared)
	@$(RUN) tools/study.py $(if $(CHECK),--check)
	@$(RUN) tools/study_text.py $(if $(CHECK),--check)

mutants: $(AUTHOR)  ## break the book in one place at a time; the tests must notice (ONLY=02-07: that one)
	@$(RUN) tools/browser.py ensure
	@$(RUN) tools/mutants.py $(ONLY)

test-processors: $(AUTHOR)  ## re-run the notebooks as an older processor would
	@$(RUN) tools/processors.py

test-binder: $(AUTHOR)  ## re-run the notebooks in the environment that Binder gets
	@$(RUN) tools/binder.py

links: $(READER)  ## ask every other host that the book links to
	@$(BIN)/jupyter-book build . --builder linkcheck

bench: $(AUTHOR)  ## print run times, memory, page weights and the cost of ReLU
	@$(RUN) tools/browser.py ensure
	@$(RUN) tools/bench.py

address: $(VENV)/.made  ## set the repository's address everywhere (URL=https://github.com/YOUR-NAME/relu-book)
	@$(RUN) tools/address.py "$(URL)"

vendor: $(AUTHOR)  ## fetch the scripts and fonts of the site anew
	@$(RUN) tools/vendor.py

lock: $(READER)  ## write constraints.txt anew, after a change of the requirements
	@$(RUN) tools/environment.py lock

clean:  ## delete what these commands made, the environment too
	rm -rf _build $(VENV)
