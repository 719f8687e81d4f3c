# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that does not tell its obstacles costs nobody the report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles/verify"
READ = "Read what may have kept requests from an answer"
MODULE = """\
#!/bin/sh
. "$1"
if test "$host" = sound; then
    echo '{"obstacles": {"filters": null}}'
else
    echo '{"failed": true, "msg": "nft"}'
fi
"""
INVENTORY = """\
sound ansible_connection=local __verify_probe='{"results": [{"result": "timed out"}]}'
broken ansible_connection=local
gone ansible_connection=ssh ansible_ssh_executable=/bin/false
"""


def test_obstacles_that_cannot_be_read(tmp_path: Path) -> None:
    tasks = yaml.safe_load((ROLE / "tasks/main.yml").read_text())
    (block,) = [one for one in tasks if one["name"] == "Verify"]
    (reading,) = [one for one in block["block"] if one["name"] == READ]
    del reading["lvs.topology.obstacles_info"]
    reading["told"] = {"host": "{{ inventory_hostname }}"}
    report = {"ansible.builtin.debug": {"var": "__verify_obstacles"}, "run_once": True}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": [str(ROLE / "vars/main.yml")],
        "vars": {
            "__verify_plan": {
                "captures": {"sound": {}, "broken": {}, "gone": {}},
                "client": "sound",
            },
        },
        "tasks": [{**block, "block": [reading, report]}],
    }
    (tmp_path / "library").mkdir()
    (tmp_path / "library/told").write_text(MODULE)
    (tmp_path / "hosts").write_text(INVENTORY)
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "hosts", "play.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCAL_TEMP": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    _before, _name, shown = done.stdout.partition('"__verify_obstacles": ')
    told, _end = json.JSONDecoder().raw_decode(shown)
    assert told == {"sound": {"filters": None}}
