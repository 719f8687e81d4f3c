# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of a host: run to their end, or not for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils import execute
from ansible_collections.lvs.topology.plugins.module_utils.boot import install
from ansible_collections.lvs.topology.plugins.module_utils.errors import UserError
from ansible_collections.lvs.topology.plugins.module_utils.host.ip import run as ip
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import run as nft


def test_a_program_gets_its_input_and_english() -> None:
    done = execute.run(["sh", "-c", "cat; echo $LC_ALL"], "text ")
    assert (done.returncode, done.stdout, done.stderr) == (0, "text C\n", "")


def test_a_program_that_does_not_end_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ip", "nft", "systemctl"):
        (tmp_path / name).write_text("#!/bin/sh\nexec sleep 600\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(execute, "_SECONDS", 0.01)
    for use in (
        lambda: ip.show(["address show"]),
        ip.show_fou,
        nft.ruleset,
        lambda: nft.show("lvs_director"),
        lambda: nft.change("lvs_director", []),
        lambda: install._systemctl("daemon-reload"),
    ):
        with pytest.raises(UserError, match=r"had not ended after 0\.01 s, and was killed"):
            use()
