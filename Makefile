# The commands of CONTRIBUTING.md. Use a virtual environment.
.PHONY: install test check outputs lock

install:
	pip install -c requirements.lock -e ".[test,engines]"

test:
	pytest -n auto --dist worksteal

check:
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-cache

# Everything that is made by a command and committed: run it when the model or the SQL changes.
outputs:
	python data/generate.py
	leadweights fit data/train.csv --valid data/valid.csv --key contact_id --dictionary data/features.toml
	python -m tests.support.golden_files
	python -m tests.support.generated_docs
	python -m tests.test_notebook

lock:
	uv pip compile --universal --python-version 3.11 --extra test --extra engines --no-header --no-annotate --no-emit-index-url --upgrade pyproject.toml -o requirements.lock
