"""The tables of a store: plain ones, the same in every database."""

from collections.abc import Mapping

FORMAT = 1
"""The version of these tables.

Raise it when an older leadweights would misread them or write them wrongly; then read older ones
here, with a test, and say in CHANGELOG.md what changed.
"""

BASELINES = "leadweights_baselines"

_TYPES: Mapping[str, Mapping[str, str]] = {
    "duckdb": {"word": "VARCHAR", "text": "VARCHAR", "double": "DOUBLE", "whole": "BIGINT"},
    "sqlite": {"word": "TEXT", "text": "TEXT", "double": "REAL", "whole": "INTEGER"},
    "postgres": {
        "word": 'TEXT COLLATE "C"',
        "text": "TEXT",
        "double": "DOUBLE PRECISION",
        "whole": "BIGINT",
    },
    # A word is a part of a key: compared letter by letter, case and spaces at its end count.
    "mariadb": {
        "word": "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "text": "LONGTEXT CHARACTER SET utf8mb4",
        "double": "DOUBLE",
        "whole": "BIGINT",
    },
}
_ENDINGS = {"mariadb": " ENGINE = InnoDB"}

TABLES: Mapping[str, str] = {
    # One row: the format, the end of the audit trail, and what a transaction that writes locks.
    "leadweights_store": """
        id {whole} NOT NULL PRIMARY KEY,
        format {whole} NOT NULL,
        audit_lines {whole} NOT NULL,
        audit_hash {word} NOT NULL
    """,
    "leadweights_models": """
        version {whole} NOT NULL PRIMARY KEY,
        name {text} NOT NULL,
        model {text} NOT NULL,
        sha256 {word} NOT NULL,
        rows_sha256 {word} NOT NULL,
        metrics {text} NOT NULL,
        proof {text} NOT NULL,
        created_at {word} NOT NULL,
        created_by {text} NOT NULL,
        note {text} NOT NULL,
        replaced {whole},
        retired_at {word}
    """,
    # Younger than the format: a store that was made without it gets it with the first baseline.
    BASELINES: """
        version {whole} NOT NULL PRIMARY KEY,
        baseline {text} NOT NULL
    """,
    "leadweights_weights": """
        version {whole} NOT NULL,
        place {whole} NOT NULL,
        feature {word} NOT NULL,
        part {word} NOT NULL,
        level {word} NOT NULL,
        weight {double},
        mean {double},
        std {double},
        raw_weight {double},
        "offset" {double},
        fill {double},
        low {double},
        high {double},
        bound {double},
        layout {word} NOT NULL,
        is_active {whole} NOT NULL,
        created_at {word} NOT NULL,
        PRIMARY KEY (version, place)
    """,
    # One row: there can be no two active versions.
    "leadweights_active": """
        id {whole} NOT NULL PRIMARY KEY,
        version {whole},
        activated_at {word},
        activated_by {text},
        unproven {whole} NOT NULL,
        view_name {text},
        view_table {text},
        view_version {whole}
    """,
    "leadweights_scores": """
        key_name {word} NOT NULL,
        "key" {word} NOT NULL,
        version {whole} NOT NULL,
        lead_score {double},
        log_odds {double},
        probability {double},
        adjusted_probability {double},
        score_100 {whole},
        band {text},
        decision {whole},
        status {text},
        reasons {text},
        scored_at {word} NOT NULL,
        PRIMARY KEY (key_name, "key", version)
    """,
    "leadweights_outcomes": """
        key_name {word} NOT NULL,
        "key" {word} NOT NULL,
        outcome {whole} NOT NULL,
        decided_at {word},
        recorded_at {word} NOT NULL,
        PRIMARY KEY (key_name, "key")
    """,
    "leadweights_training_keys": """
        version {whole} NOT NULL,
        key_name {word} NOT NULL,
        key_hash {word} NOT NULL,
        PRIMARY KEY (version, key_name, key_hash)
    """,
    "leadweights_audit": """
        line {whole} NOT NULL PRIMARY KEY,
        made_at {word} NOT NULL,
        made_by {text} NOT NULL,
        event {word} NOT NULL,
        version {whole},
        details {text} NOT NULL,
        hash_before {word} NOT NULL,
        hash {word} NOT NULL
    """,
}


def create_statements(dialect: str) -> list[str]:
    """Write the statements that make the tables that are not there."""
    ending = _ENDINGS.get(dialect, "")
    return [
        f"CREATE TABLE IF NOT EXISTS {name} ({columns.format(**_TYPES[dialect])}){ending}"
        for name, columns in TABLES.items()
    ]
