# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nft may answer."""

from __future__ import annotations

from subprocess import CompletedProcess

import pytest

from ansible_collections.lvs.topology.plugins.module_utils import execute
from ansible_collections.lvs.topology.plugins.module_utils.host.errors import HostError
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import director_table, run


def test_an_nft_without_json_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = CompletedProcess([], 0, "table inet filter {\n}\n", "")
    monkeypatch.setattr(execute, "run", lambda *_given: listed)
    with pytest.raises(HostError, match="nft answers no JSON"):
        run.ruleset()
    with pytest.raises(HostError, match="nft answers no JSON"):
        run.show(director_table.TABLE)
