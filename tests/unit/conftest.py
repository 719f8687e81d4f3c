# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the checkout importable as ``ansible_collections.lvs.topology``.

pyproject.toml puts ``.cache/collections`` on the path; the link in it is made by ``make setup``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LINK = CHECKOUT / ".cache/collections/ansible_collections/lvs/topology"


def pytest_configure() -> None:
    """Say what to do where the link is missing, instead of a hundred import errors."""
    if not LINK.is_dir() or LINK.resolve() != CHECKOUT:
        raise pytest.UsageError(f"{LINK} does not lead to this checkout: run `make setup`")
