"""The reference tables, which are not part of the repository."""

from pathlib import Path

DATA = Path("../shared/data")

# Of X Education: columns that are filled in after the fact.
AFTERWARDS = (
    *("Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"),
    *("Asymmetrique Activity Index", "Asymmetrique Profile Index"),
    *("Asymmetrique Activity Score", "Asymmetrique Profile Score"),
)
