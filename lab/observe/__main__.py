# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m observe INVENTORY ...`: prove what an inventory declares, and print the table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import inventory, proof, table
from .errors import ObserveError


def main() -> int:
    """End with 1 when a verdict is red, and with 2 when there could be none."""
    parser = argparse.ArgumentParser(prog="observe", description=__doc__)
    parser.add_argument("inventory", nargs="+", type=Path)
    try:
        verdicts = proof.prove(inventory.load(parser.parse_args().inventory))
    except ObserveError as error:
        print(f"observe: {error}", file=sys.stderr)
        return 2
    print(table.render(verdicts))
    return 1 if any(verdict.findings for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
