# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Every kind of check."""

from __future__ import annotations

from . import dns, http, https, script, tcp, tls, udp
from .kind import Kind

DEFAULT = tcp.KIND
KINDS: dict[str, Kind] = {
    each.KIND.name: each.KIND for each in (tcp, http, https, tls, dns, udp, script)
}
