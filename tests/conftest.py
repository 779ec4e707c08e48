"""Settings shared by all tests."""

import os

from hypothesis import HealthCheck, settings

# The same examples on every run in CI, other ones on every run at a desk.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("desk", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("ci" if os.environ.get("CI") else "desk")
