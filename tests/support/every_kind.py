"""A table with every kind of column there is, for what counts rows by them."""

import numpy as np
import pandas as pd

DICTIONARY = """
[age]
missing = [-999]
transform = "curve"
missing_weight = true

[tags]
kind = "list"
delimiter = "|"

[seen]
since = 2026-06-01
"""
REGIONS = np.array(["North", "South", "East", "West", "Rare"])


def make_leads(rows: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Make labelled leads; `shift` moves their visits, in standard deviations."""
    random = np.random.RandomState(seed)
    visits = random.normal(10 + 3 * shift, 3, rows).round(3)
    age = random.randint(18, 80, rows).astype(float)
    region = REGIONS[random.choice(5, rows, p=[0.4, 0.3, 0.2, 0.095, 0.005])]
    tags = np.array(["a|b", "b", "a", "c|a", ""])[random.randint(0, 5, rows)]
    member = random.uniform(size=rows) < 0.3
    days = random.randint(0, 700, rows)
    z = 0.5 * (visits - 10) + 1.2 * member + (region == "North") + 0.8 * np.char.count(tags, "a")
    z += np.where(age > 50, 1.0, -0.5) + 0.002 * days - 2.5
    frame = pd.DataFrame(
        {
            "lead": [f"key-{seed}-{place}" for place in range(rows)],
            "visits": np.where(random.uniform(size=rows) < 0.05, np.nan, visits),
            "age": np.where(random.uniform(size=rows) < 0.1, -999.0, age),
            "region": pd.Series(region).mask(random.uniform(size=rows) < 0.05),
            "tags": tags,
            "member": member,
            "budget": [f"€{1000 + 10 * v:,.0f}" for v in visits * days],
            "seen": pd.Timestamp("2026-06-01") - pd.to_timedelta(days, unit="D"),
            "weight": random.randint(1, 4, rows).astype(float),
        }
    )
    frame["label"] = (random.uniform(size=rows) < 1 / (1 + np.exp(-z))).astype(int)
    return frame
