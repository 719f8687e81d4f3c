# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the checkout importable as ``ansible_collections.lvs.topology``.

pyproject.toml puts ``.cache/collections`` on the path; ``make setup`` makes the link in it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parents[2]
LINK = CHECKOUT / ".cache/collections/ansible_collections/lvs/topology"


# How long an example takes says nothing: the machine may have other work.
settings.register_profile("unhurried", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=20_000)  # `make fuzz`
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unhurried"))


def pytest_configure() -> None:
    """Report a missing link, in place of many import errors."""
    if not LINK.is_dir() or LINK.resolve() != CHECKOUT:
        raise pytest.UsageError(f"{LINK} does not lead to this checkout: run `make setup`")
