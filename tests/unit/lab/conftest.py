# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the lab's packages on the path, which lie beside its command."""

from __future__ import annotations

import sys
from pathlib import Path

LAB = str(Path(__file__).resolve().parents[3] / "lab")
if LAB not in sys.path:
    sys.path.insert(0, LAB)
