# The service of docs/container.md. What it imports of the locked versions is installed, and nothing is compiled.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements-container.lock ./
RUN python -m pip install --quiet --no-compile --only-binary :all: --no-deps --require-hashes --target /app --requirement requirements-container.lock
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY docs/man docs/man
COPY leadweights leadweights
# Tests of libraries are left behind, and headers for compilers.
RUN python -m pip install --quiet --no-compile --no-deps --target /app . && \
    find /app -type d \( -name tests -o -name include \) -prune -exec rm -r {} +

FROM python:3.11-slim-bookworm
COPY --from=build /app /app
ENV PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 HOME=/tmp USER=leadweights
WORKDIR /srv
# No name, no home, no right to write: run it with a read-only file system and a /tmp in memory.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-S", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "leadweights"]
CMD ["serve", "--help"]
