# Needs Python 3.11 or later with pip, and make. `make PYTHON=python3.12 ...` says which Python.
PYTHON ?= python3
VENV ?= .venv
OUT ?= out
PY := $(VENV)/bin/python
# A folder with a space in its name breaks the first line of installed scripts: tools run as modules of Python.
RUN := "$(PY)"

.PHONY: help map test lint format docs bench clean

help:
	@echo "make map        set up .venv, draw the route of the story into $(OUT)/route.html, print its legs"
	@echo "make test       set up .venv, check style, types and imports, run the tests"
	@echo "make lint       the checks alone"
	@echo "make format     format the code, mend what can be mended"
	@echo "make docs       fill README.md and the notebooks with what the package shows now"
	@echo "make bench      measure the package beside its peers, into benchmarks/RESULTS.md"
	@echo "make clean      remove .venv, $(OUT) and caches"

map: $(VENV)/.installed
	@$(RUN) -m route map -o "$(OUT)/route.html"

test: lint
	@# Whoever has done takes tests from the other's end: by files, one process waited for minutes. And bytecode is kept,
	@# whatever the environment says, as the tests start a hundred processes that would each compile all sources.
	PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest -n auto --dist worksteal

lint: $(VENV)/.developing
	@# An audit by a service needs the network: tests/test_dependencies.py holds what can be known without it.
	$(RUN) -m pip check
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

format: $(VENV)/.developing
	$(RUN) -m ruff check --fix-only
	$(RUN) -m ruff format

docs: $(VENV)/.developing
	$(RUN) tools/refresh_docs.py

bench: $(VENV)/.measuring
	$(RUN) benchmarks/bench.py --write

clean:
	rm -rf "$(VENV)" "$(OUT)" .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The stamps say when each set of packages was last installed for the pyproject.toml of then.
$(VENV)/.created:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
		|| { echo "railroute needs Python 3.11 or later; say which: make PYTHON=python3.12" >&2; exit 1; }
	@# Debian's Python without python3-venv cannot put pip into an environment by itself.
	$(PYTHON) -m venv --clear "$(VENV)" 2>/dev/null \
		|| { $(PYTHON) -m venv --clear --without-pip "$(VENV)" && $(PYTHON) -m pip --python "$(PY)" install -q pip; }
	@touch "$@"

$(VENV)/.installed: $(VENV)/.created pyproject.toml
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable .
	@touch "$@"

$(VENV)/.developing: $(VENV)/.installed
	$(RUN) -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(RUN) -m pip install --quiet --group lint --group test
	@touch "$@"

$(VENV)/.measuring: $(VENV)/.installed
	$(RUN) -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(RUN) -m pip install --quiet --group bench
	@touch "$@"
