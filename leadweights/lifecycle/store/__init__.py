"""Plain tables in a database: versions, scores, outcomes, the audit trail."""
