"""Inject faults of every kind, and count what is lost by them: it exits with 1 if anything is.

A fault is a failing disk, a signal, an output that is an input, a URL with a secret, a hostile or
damaged file; docs/reliability.md has the table.

Run ``python benchmarks/faults.py [--small] [--write]``.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.losses import KINDS  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
HEAD = ("what", "fault", "what must be kept", "injected", "lost")


def main() -> None:
    """Print a line for each kind of fault; write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few of each, in a minute")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    rows = [HEAD, ("---", "---", "---", "---:", "---:")]
    whole = 0
    for kind in KINDS:
        found = list(kind.inject(asked.small))
        lost = [said for said in found if said]
        whole += len(lost)
        rows.append((kind.what, kind.fault, kind.kept, f"{len(found):,}", f"{len(lost):,}"))
        print("| " + " | ".join(rows[-1]) + " |", flush=True)
        for said in lost[:5]:
            print(f"lost: {said}", file=sys.stderr)
    if asked.write:
        table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        marks = r"(?<=<!-- made by the code -->\n).*(?=<!-- end -->)"
        text = PAGE.read_text(encoding="utf-8")
        made = re.sub(marks, lambda _: f"\n{table}\n\n", text, flags=re.DOTALL)
        PAGE.write_text(made, encoding="utf-8", newline="\n")
    sys.exit(1 if whole else 0)


if __name__ == "__main__":
    main()
