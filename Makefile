# Set-up and everything that is run often. Needs Python 3.11 to 3.13 with venv, make and the network.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXPERIMENTS := $(sort $(wildcard experiments/*.py))
# From the longest to the shortest, so that no core has nothing left to do at the end.
SCRIPTS := testing_purity predicting_observables dynamics_on_processors predicting_ground_states \
	finding_phases learned_predictions learning_pauli_channels signs classical_shadows device_noise \
	sensing mimicking_states principal_component time_reversal estimating_purity learning_dynamics \
	exact_posterior depth_trap learning_processes memory_tradeoff controls entanglement_entropy
CORES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# One more than there are cores, since tests wait for programs that they start; each takes 1 GB.
TESTERS = $(shell echo $$(($(CORES) < 8 ? $(CORES) + 1 : 8)))
ONE_THREAD := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: reproduce test slow replay demo figures full docs links bench format clean

# As many scripts at a time as there are cores, each with one worker: while a script starts or draws
# its figure the other cores go on.
reproduce: $(STAMP)
	@echo "$(words $(SCRIPTS)) scripts, $(CORES) at a time: some 5 minutes on two cores of 2026" >&2
	@$(MAKE) --no-print-directory -j $(CORES) $(SCRIPTS:%=reproduce-%)
	@$(BIN)/quantum-advantage compare out figures
	@echo "figures drawn in out/, their data in out/data/"

reproduce-%: $(STAMP)
	@$(ONE_THREAD) $(BIN)/python experiments/$*.py --out out --workers 1 > /dev/null
	@echo "$*: done" >&2

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n $(TESTERS) --dist worksteal

slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

replay: $(STAMP)
	@$(BIN)/quantum-advantage replay --all figures/data

demo: $(STAMP)
	@$(BIN)/quantum-advantage demo

figures: $(STAMP)
	@set -e; for script in $(EXPERIMENTS); do \
		$(BIN)/python $$script --draw --out figures > /dev/null; done
	@$(BIN)/python figures/concept.py

full: $(STAMP)
	@set -e; for script in $(EXPERIMENTS); do \
		$(BIN)/python $$script --full --out figures; done

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -E -W --keep-going -q -b html docs out/docs
	@$(BIN)/python docs/check_site.py out/docs
	@echo "the documentation begins at out/docs/index.html"

links: docs
	@$(BIN)/python docs/check_site.py out/docs --external

bench: $(STAMP)
	@$(BIN)/python benchmarks/run.py

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf out

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found. Name one with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13; name one with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks its venv module; install the package python3-venv, or name another with make PYTHON=..."; exit 1; }
	@test "$$(uname -s) $$(uname -m)" != "Linux aarch64" || { echo "qsimcirq and stim have no wheels for Linux on ARM; use x86-64"; exit 1; }
	@echo "installing some 840 MB into $(VENV); a minute or two with a fast connection ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . || { rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m compileall -q quantum_advantage
	@touch $(STAMP)

$(VENV)/.docs: $(STAMP) docs/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.lock
	@touch $@
