"""Settings shared by all tests."""

import os

from hypothesis import HealthCheck, settings

# Spark's Java lives for a minute: what is compiled best is not worth its compiling.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

# The same examples on every run in CI, other ones on every run at a desk.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("desk", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("ci" if os.environ.get("CI") else "desk")
