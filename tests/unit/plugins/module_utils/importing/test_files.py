# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written is YAML that means what was read, and no template."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.importing.convert import Converted
from ansible_collections.lvs.topology.plugins.module_utils.importing.files import (
    DECLARATION,
    HOSTS,
    files_of,
    grouped,
    scalar,
)
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import Place, Remark

from .sampled import KEEPALIVED, LDIRECTORD, RULES, imported, sample

ODD = ["yes", "1:30", "1e3", "0x1f", "~", "=", "a: b", "{{ x }}", "- a", "2001:db8::1", "1.5"]


class _Loader(yaml.SafeLoader):
    """Reads Ansible's tag as well."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


@given(
    st.text() | st.sampled_from(["yes", "1:30", "1e3", "0x1f", "~", "=", "a: b", "{{ x }}", "- a"])
)
def test_a_text_stays_what_it_is(text: str) -> None:
    written = scalar(text)
    text = text.encode("utf-8", "replace").decode()
    assert yaml.load(f"a: {written}\nb: [{written}]", _Loader) == {"a": text, "b": [text]}  # noqa: S506 - a safe one
    assert "\n" not in written


@pytest.mark.parametrize("name", [KEEPALIVED, LDIRECTORD, RULES])
def test_the_declaration_is_what_is_written(name: str) -> None:
    converted = sample(name, None, "lb1")
    files = files_of(converted.declared, converted.remarks, name)
    assert yaml.load(files[DECLARATION], _Loader) == converted.declared.variables  # noqa: S506 - a safe one


def written(converted: Converted, folder: Path) -> Path:
    for name, content in files_of(converted.declared, converted.remarks, "a\nb").items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return folder


@pytest.mark.parametrize(
    "mark",
    [
        "{{ lookup('pipe', 'touch pwned') }}",
        "#jinja2:trim_blocks:False",
    ],
)
def test_ansible_reads_it_and_fills_nothing_in(tmp_path: Path, mark: str) -> None:
    converted = imported(
        "vrrp_instance a {\nunicast_src_ip 10.0.0.5\nunicast_peer {\n10.0.0.6\n}\n}\n"
        f"virtual_server 10.0.0.100 80 {{\nreal_server 10.0.0.11 80 {{\nHTTP_GET {{\nurl {{\n"
        f'path "/{mark[0:2]}x"\nregex "{mark}"\n}}\n}}\n}}\n}}'
    )
    folder = written(converted, tmp_path)
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[str(folder)])
    groups = inventory.get_groups_dict()
    assert groups["lvs_directors"] == ["director1", "director2"]
    assert groups["lvs_real_servers"] == ["rs-10-0-0-11"]
    variables = VariableManager(loader, inventory).get_vars(host=inventory.get_host("rs-10-0-0-11"))
    assert variables["topology_rip"] == "10.0.0.11"
    filled = Templar(loader, variables=variables).template(variables["topology_services"])
    assert filled["tcp-10.0.0.100-80"]["health"]["pattern"] == mark
    assert not Path("pwned").exists()


def test_a_name_cannot_leave_its_line(tmp_path: Path) -> None:
    converted = imported(
        'virtual_server_group "a: {{ x }}\\b#!" {\n10.0.0.1 80\n}\n'
        'virtual_server group "a: {{ x }}\\b#!" {\nreal_server 10.0.0.11 80 {\n}\n}\n'
    )
    assert [*converted.declared.services] == ["a-x-b-"]
    text = (written(converted, tmp_path) / HOSTS).read_text()
    assert text.startswith("# The inventory, imported from a\\nb.\n")


def test_the_same_remark_is_made_once() -> None:
    remarks = [Remark(Place("a", line), "x", "y") for line in range(1, 9)]
    remarks += [Remark(Place("b", 1), "x", "y"), Remark(Place("c\n", 1), "z")]
    assert [*grouped(remarks)] == ["a:1, 2, 3, 4, 5 and 4 more: x: y", "c\\n:1: z"]
