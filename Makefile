# Touchstone 试金石. `make` alone lists the commands; every one does the set-up it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PYTEST_ARGS ?= -n 2 --dist loadfile
# A module is compiled once, not again by each of the hundreds of commands that tests and benchmarks start.
unexport PYTHONDONTWRITEBYTECODE
BENCHES := deid pixels fhir text metrics runner verify engines ingest

.PHONY: help setup setup-all demo test check walks bench bench-runner-kills reference fuzz docs verifier-bundle clean $(addprefix bench-,$(BENCHES))
help:            ## this list
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-16s %s\n", $$1, $$2}'

setup:           ## .venv with the commands touchstone and touchstone-eval (lean set and Ray)
	@$(PYTHON) infra/setup.py lean

setup-all:       ## the same with Spark, Airflow and the test tools
	@$(PYTHON) infra/setup.py all

demo: setup      ## three hospitals, two nights, a frozen set, three models, a verified report
	@$(BIN)/python -m simulator.demo

test: setup-all check   ## every test (ends with pytest's closing line)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup-all ## ruff, mypy, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

walks: setup-all ## the two stories, study to frozen set and submission to report
	@$(BIN)/python -m pytest tests/walks

reference: setup-all ## every real DICOM file of the reference data, and all that the simulator plants (needs TOUCHSTONE_DATA)
	@$(BIN)/python -m benchmarks.deid_dicom_reference

fuzz: setup-all  ## damaged real DICOM files for ten minutes: no crash, no hang (needs TOUCHSTONE_DATA)
	@$(BIN)/python -m benchmarks.deid_dicom_fuzz --seconds 600

docs: setup-all  ## the pages that are generated from data (dictionary, messages, degenerate input)
	@$(BIN)/python -m schemas.dictionary

bench: $(addprefix bench-,$(BENCHES))   ## every benchmark; figures go to docs/measured.md
bench-deid: setup-all
	@$(BIN)/python -m benchmarks.record deid_dicom
bench-pixels: setup-all
	@$(BIN)/python -m benchmarks.record deid_pixels --texts 200 --clean 60
bench-fhir: setup-all
	@$(BIN)/python -m benchmarks.record deid_fhir
bench-text: setup-all
	@$(BIN)/python -m benchmarks.record deid_text
bench-metrics: setup-all
	@$(BIN)/python -m benchmarks.record metrics
bench-runner: setup-all
	@$(BIN)/python -m benchmarks.record runner
bench-runner-kills: setup-all   ## 60 kills over 2,000 cases on Ray and with a witness (half an hour)
	@$(BIN)/python -m benchmarks.record runner_kills
bench-verify: setup-all
	@$(BIN)/python -m benchmarks.record verify
bench-engines: setup-all
	@$(BIN)/python -m benchmarks.record engines
bench-ingest: setup-all
	@$(BIN)/python -m benchmarks.record ingest

verifier-bundle: setup   ## a ZIP with wheels and digests that verifies a report on an air-gapped PC
	@$(BIN)/python -m eval_harness.verify.bundle --out dist

clean:           ## removes what the demo made, not the environment
	rm -rf .demo build dist
