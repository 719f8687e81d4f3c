# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's packages lie beside the command that uses them, not among the collection's plugins."""

from __future__ import annotations

import sys
from pathlib import Path

LAB = str(Path(__file__).resolve().parents[3] / "lab")
if LAB not in sys.path:
    sys.path.insert(0, LAB)
