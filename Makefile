# Set-up and everything that is run often. Needs Python 3.11 to 3.13 with venv, make and the network.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXPERIMENTS := $(sort $(wildcard experiments/*.py))
# What each takes in its default size, in seconds on two idle cores of 2026; only their ratios matter
# once the first has run.
TYPICAL := classical_shadows:100 controls:12 depth_trap:18 device_noise:40 dynamics_on_processors:40 \
	entanglement_entropy:18 estimating_purity:18 exact_posterior:26 finding_phases:40 learned_predictions:60 learning_dynamics:45 \
	learning_pauli_channels:40 learning_processes:12 memory_tradeoff:12 mimicking_states:14 predicting_ground_states:40 predicting_observables:14 principal_component:16 \
	sensing:20 signs:30 testing_purity:18 time_reversal:20

.PHONY: reproduce test slow replay demo figures full docs links bench format clean

reproduce: $(STAMP)
	@set -e; all=0; for pair in $(TYPICAL); do all=$$((all + $${pair#*:})); done; \
	start=$$(date +%s); left=$$all; past=0; k=0; for pair in $(TYPICAL); do \
		k=$$((k + 1)); \
		echo "script $$k of $(words $(TYPICAL)), $${pair%:*}: some $$(((left + 59) / 60)) minutes left" >&2; \
		$(BIN)/python experiments/$${pair%:*}.py --out out > /dev/null; \
		past=$$((past + $${pair#*:})); \
		left=$$((($$(date +%s) - start) * (all - past) / past)); \
	done
	@$(BIN)/quantum-advantage compare out figures
	@echo "figures drawn in out/, their data in out/data/"

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n 2

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
	@touch $(STAMP)

$(VENV)/.docs: $(STAMP) docs/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.lock
	@touch $@
