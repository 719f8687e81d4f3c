# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Every kind of check."""

from __future__ import annotations

from . import tcp, tls
from .kind import Kind

DEFAULT = tcp.KIND
KINDS: dict[str, Kind] = {kind.name: kind for kind in (tcp.KIND, tls.KIND)}
