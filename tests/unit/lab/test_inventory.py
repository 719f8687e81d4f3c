# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory, as Ansible reads it."""

from __future__ import annotations

from pathlib import Path

import yaml
from lvslab import inventory, topology_file
from lvslab.ssh import Access, Remote

ROOT = Path(__file__).resolve().parents[3]
ACCESS = Access(Path("/cache/a b/key"), Path("/tmp/sockets"))  # noqa: S108  (never opened)
TOPOLOGY = topology_file.parse(
    "{networks: {}, nodes: {a: {groups: [x, y]}, b: {groups: [y]}, c: {}}}", "t.yml"
)


def test_hosts_groups_and_variables() -> None:
    remotes = {
        name: Remote(ACCESS, "127.0.0.1", port)
        for name, port in (("vm", 1), ("a", 2), ("b", 3), ("c", 4))
    }
    found = yaml.safe_load(inventory.render(TOPOLOGY, remotes, ACCESS, "/bin/python"))["all"]
    assert found["hosts"] == {
        name: {"ansible_host": "127.0.0.1", "ansible_port": port}
        for name, port in (("a", 2), ("b", 3), ("c", 4))
    }
    assert found["children"] == {"x": {"hosts": {"a": {}}}, "y": {"hosts": {"a": {}, "b": {}}}}
    variables = found["vars"]
    assert variables["ansible_ssh_private_key_file"] == "/cache/a b/key"
    assert "ControlPath=/tmp/sockets/%C" in variables["ansible_ssh_args"]
    assert "UserKnownHostsFile=/dev/null" in variables["ansible_ssh_common_args"]
    assert variables["ansible_ssh_pipelining"] is True
    assert variables["ansible_python_interpreter"] == "/bin/python"


def test_only_the_labs_own_hosts_go_without_a_host_key() -> None:
    assert "host_key_checking" not in (ROOT / "ansible.cfg").read_text()
    assert "StrictHostKeyChecking=no" in ACCESS.common


def test_the_lab_and_ansible_share_their_connections() -> None:
    command = Remote(ACCESS, "127.0.0.1", 2).command(["sh", "-c", "a  b"])
    assert f"ControlPath={ACCESS.socket_dir}/%C" in command
    assert command[-1] == "sh -c 'a  b'"


def test_writing_makes_the_directories(tmp_path: Path) -> None:
    file = tmp_path / "x/y/hosts.yml"
    inventory.write(file, "all: {}\n")
    assert file.read_text() == "all: {}\n"
