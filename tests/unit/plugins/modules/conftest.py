# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of all modules' tests."""

from __future__ import annotations

import pytest
from ansible.module_utils import _internal


@pytest.fixture(autouse=True)
def managed_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules warn in their result; that tests of action plugins ran before does not matter."""
    monkeypatch.setattr(_internal, "is_controller", False)
