# Each target is one line, so that a system without make types it itself.
PYTHON ?= python3

.PHONY: demo test check golden bench fuzz wheel

demo:
	@$(PYTHON) -m tools demo

test:
	@$(PYTHON) -m tools test

check:
	@$(PYTHON) -m tools check

golden:
	@$(PYTHON) -m tools golden

bench:
	@$(PYTHON) -m tools bench

fuzz:
	@$(PYTHON) -m tools fuzz

wheel:
	@$(PYTHON) -m tools wheel
