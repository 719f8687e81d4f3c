# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads what the health daemon has decided."""

from __future__ import annotations

from ..state import files, paths
from ..state.errors import PersistenceError
from . import decisions


def read() -> decisions.Decisions | None:
    """Return what is decided; None where nobody can tell, because the file is damaged."""
    try:
        content = files.read(paths.decisions_file())
        return {} if content is None else decisions.load(content)
    except (PersistenceError, ValueError):
        return None
