# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a connection is accepted."""

from __future__ import annotations

from .kind import TCP, Kind

KIND = Kind("tcp", TCP, "A connection is accepted.")
