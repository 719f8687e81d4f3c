# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's first hour: the artefact in an empty environment, then the pages, word for word."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from scenario.guide import Command, follow, read
from scenario.node import Node
from scenario.topology import Topology, changed_by

ROOT = Path(__file__).resolve().parents[3]
LAB = ROOT / "lab/topologies/quick_start.yml"
README = ROOT / "README.md"
QUICK_START = ROOT / "docs/quick-start.md"
COMING_FROM = ROOT / "docs/coming-from.md"

ASK = "curl http://192.0.2.100/"
REQUESTS = 4
MANAGED = ("lb1", "web1", "web2")

# A pair that keepalived keeps, and the table that it made.
KEEPALIVED = """
vrrp_instance pair {
    interface lan
    virtual_router_id 51
    unicast_src_ip 192.0.2.10
    unicast_peer {
        192.0.2.9
    }
    virtual_ipaddress {
        192.0.2.100
    }
    nopreempt
}
virtual_server 192.0.2.100 80 {
    lb_algo wrr
    lb_kind DR
    protocol TCP
    real_server 192.0.2.11 80 {
        weight 3
        TCP_CHECK {
        }
    }
    real_server 192.0.2.12 80 {
        weight 1
        TCP_CHECK {
        }
    }
}
"""
TABLE = """\
-A -t 192.0.2.100:80 -s wrr
-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 3
-a -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 1
"""


@pytest.fixture(scope="module")
def nodes(topology: Topology) -> Mapping[str, Node]:
    return topology.inventory.nodes


@pytest.fixture(scope="module")
def environment(
    nodes: Mapping[str, Node], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """All that a reader has: Ansible, SSH to the page's addresses, and a host to ask from.

    That the lab's nodes are behind ports of this machine, and slow, is all that is told here.
    """
    home = tmp_path_factory.mktemp("home")
    links = {name: one["links"] for name, one in yaml.safe_load(LAB.read_text())["nodes"].items()}
    config = home / "ssh_config"
    config.write_text("".join(_ssh_host(nodes[name], **links[name]) for name in links))
    curl = home / "bin/curl"
    curl.parent.mkdir()
    client = shlex.join(nodes["client"].command("curl", "--silent", "--show-error"))
    curl.write_text(f'#!/bin/sh\nexec {client} "$@"\n')
    curl.chmod(0o700)
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{curl.parent}:{Path(sys.executable).parent}:/usr/bin:/bin",
        "ANSIBLE_SSH_COMMON_ARGS": f"-F {config}",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_PYTHON_INTERPRETER": str(nodes["lb1"].variables["ansible_python_interpreter"]),
    }


def _ssh_host(node: Node, lan: list[str]) -> str:
    """How SSH reaches a host of the page, by its address or its name."""
    address = lan[0].partition("/")[0]
    lines = [
        f"Host {address} {node.name}",
        *(f"HostName {node.address}", f"Port {node.port}", f"User {node.user}"),
        *(f"IdentityFile {node.key}", *node.options[1::2]),
    ]
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module", autouse=True)
def _installed(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Build a file in a fresh checkout, which is gone afterwards, and install it."""
    checkout = tmp_path_factory.mktemp("checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    build, install, *_others = [one for one in read(README.read_text()) if one.section == "Install"]
    (_built, (_line, output)) = follow([build, install], checkout, environment)
    assert "was installed successfully" in output
    shutil.rmtree(checkout)


def test_the_quick_start(
    snapshots: Callable[[], dict[str, str]], environment: Mapping[str, str], tmp_path: Path
) -> None:
    before = snapshots()

    def answering() -> set[str]:
        answers = follow(REQUESTS * [Command("", ASK)], tmp_path, environment)
        return {json.loads(answer)["server"] for _line, answer in answers}

    seen = set()
    for line, output in follow(read(QUICK_START.read_text()), tmp_path, environment):
        *_program, playbook = line.rpartition("lvs.topology.")
        seen.add(playbook)
        match playbook:
            case "validate":
                assert changed_by(output) == set()
            case "site":
                assert changed_by(output) == set(MANAGED)
                assert answering() == {"web1", "web2"}
            case "verify -e verify_report=report":
                assert (tmp_path / "report.html").is_file()
            case "drain -e real_server=web1":
                assert answering() == {"web2"}
            case "undrain -e real_server=web1":
                assert "web1" in answering()
            case _ if line == ASK:
                assert json.loads(output)["server"] in ("web1", "web2")
    # The page has all of these.
    assert seen >= {"validate", "site", "verify -e verify_report=report", "teardown", ASK}
    # The scenario teardown looks at far more.
    assert snapshots() == before


def test_the_import_of_a_pair(
    nodes: Mapping[str, Node], environment: Mapping[str, str], tmp_path: Path
) -> None:
    """From a file and from the kernel's table at once; then the real hosts are asked."""
    nodes["lb1"].run("ipvsadm-restore", stdin=TABLE)
    (tmp_path / "keepalived.conf").write_text(KEEPALIVED)
    commands = re.findall("^ansible-playbook .*", COMING_FROM.read_text(), re.MULTILINE)
    of_file, of_table, validate, *_others = (Command("", line) for line in commands)
    from_file = of_file.words.rpartition(" -e ")[2]
    both = Command("", f"{of_table.words} -e {from_file}")
    (_line, imported), (_line, validated) = follow([both, validate], tmp_path, environment)
    assert "The compiled declaration and keepalived.conf: no difference\n" in imported
    assert "The compiled declaration and the table of lb1: no difference\n" in imported
    assert "1 service with 1 VIP can work on 4 hosts" in validated
    assert changed_by(imported) | changed_by(validated) == {"localhost"}
