# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any text at all: it ends, with a declaration or with an error of its own."""

from __future__ import annotations

import time
from types import ModuleType
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.importing import (
    ldirectord,
    rules,
    source,
)
from ansible_collections.lvs.topology.plugins.module_utils.importing.convert import (
    FORMATS,
    convert,
    source_of_file,
)
from ansible_collections.lvs.topology.plugins.module_utils.importing.declare import Options
from ansible_collections.lvs.topology.plugins.module_utils.importing.files import files_of
from ansible_collections.lvs.topology.plugins.module_utils.importing.keepalived import servers
from ansible_collections.lvs.topology.plugins.module_utils.importing.live import read_live
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import (
    Remarks,
    SourceError,
)
from ansible_collections.lvs.topology.tests.unit.odd_data import ODD_VALUES, changed

from .sampled import KEEPALIVED, LDIRECTORD, RULES, SAMPLE, Memory

TEXTS = {
    "keepalived": [
        (SAMPLE / name).read_text()
        for name in (KEEPALIVED, "conf.d/10-web.conf", "conf.d/20-nat.conf")
    ],
    "ldirectord": [(SAMPLE / LDIRECTORD).read_text()],
    "ipvsadm": [(SAMPLE / RULES).read_text()],
}
ODD = [
    *("{", "}", '"', "'", "\\", "$", "${", "~SEQ(A,1,9)", "~LST(A,1)", "@x", "$A=${A}", "$B=\\"),
    *(
        "{{ x }}",
        "\n",
        "\t",
        "#",
        "-",
        "->",
        "/",
        "::",
        "0",
        "-1",
        "9" * 400,
        "65536",
        "٣",
        "é",
        "\x1b[2J",
    ),
    *(
        "10.0.0.1",
        "10.0.0.0/8",
        "10.0.0.1-3",
        "::1",
        "fe80::1%eth0",
        "include x",
        "virtual=1",
        "real=",
    ),
]
LIVE: dict[str, Any] = {
    "services": [
        {
            "address": "10.0.0.100",
            "port": 80,
            "destinations": [{"address": "10.0.0.11", "forwarding": "masq", "weight": 1}],
        },
        {"fwmark": 1, "destinations": [{"address": "10.0.0.11"}]},
    ],
    "timeouts": {"tcp_timeout": 900},
}
MARKS = [{}, {"1": {}}, {"1": {"vips": ["::1", 7]}}, *({"1": one} for one in ODD_VALUES)]


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A kind, and a text of it in which words are odd, missing, or somewhere else."""
    kind = draw(st.sampled_from(FORMATS))
    text = draw(st.sampled_from(TEXTS[kind]))
    pieces = text.split(" ") if draw(st.booleans()) else text.split("\n")
    between = " " if " ".join(pieces) == text else "\n"
    for _change in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        what = draw(st.sampled_from(["odd", "gone", "twice", "moved", "made up"]))
        if what == "odd":
            pieces[at] = draw(st.sampled_from(ODD))
        elif what == "made up":
            pieces[at] = draw(st.text(max_size=20))
        elif what == "gone" and pieces[1:]:
            del pieces[at]
        else:
            pieces.insert(draw(st.integers(0, len(pieces) - 1)), pieces[at])
    return kind, between.join(pieces)


def check(kind: str, text: str) -> None:
    remarks = Remarks()
    reader = Memory({"main": text, "x": text})
    marks = {"9": {"vips": ["10.0.0.104"], "ports": [80]}}
    try:
        found = source_of_file("main", kind, reader, remarks, "lb1")
        converted = convert(found, Options(marks=marks), remarks)
    except SourceError as error:
        assert str(error)  # noqa: PT017 - what it says is its own test's
        return
    for content in files_of(converted.declared, converted.remarks, "main").values():
        assert content.replace("\n", "").isprintable()
    if converted.differences:
        assert converted.remarks


@pytest.mark.fuzz
@given(texts())
def test_any_text(of_kind: tuple[str, str]) -> None:
    check(*of_kind)


@pytest.mark.fuzz
@given(st.sampled_from(FORMATS), st.text() | st.lists(st.sampled_from(ODD)).map(" ".join))
def test_anything(kind: str, text: str) -> None:
    check(kind, text)


@pytest.mark.fuzz
@given(
    changed(LIVE),
    st.sampled_from(
        [{}, {"1": {}}, {"1": {"vips": ["::1", 7]}}, *({"1": one} for one in ODD_VALUES)]
    ),
)
def test_any_table_and_any_marks(table: Any, marks: dict[str, Any]) -> None:  # noqa: ANN401
    remarks = Remarks()
    try:
        found = read_live(table, "lb1", remarks)
        converted = convert(found, Options(marks=marks, director="lb1"), remarks, table)
    except SourceError:
        return
    text = files_of(converted.declared, converted.remarks, "main")["hosts.yml"]
    assert yaml.safe_load(text)["all"]


SPACES = " " * 65_000
QUOTES = '\\"' * 32_000


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("keepalived", f"include a{SPACES}b"),
        ("ldirectord", f"virtual = a{SPACES}b"),
        ("ldirectord", f"virtual=10.0.0.1:80\n real=10.0.0.2 {QUOTES}"),
        ("ldirectord", f"virtual=10.0.0.1:80\n real=10.0.0.2 {QUOTES}\\"),
    ],
)
def test_a_long_line_is_read_once(kind: str, text: str) -> None:
    begin = time.process_time()
    check(kind, text)
    # 20 s where an expression begins again at each character, and 10 ms where none does.
    assert time.process_time() - begin < 3


def test_the_gateway_is_not_looked_up_among_all_real_servers() -> None:
    numbers = [f"{number // 250}.{number % 250 + 1}" for number in range(1000)]
    floating = "\n".join(f"10.2.{one}/24" for one in numbers)
    servers = "\n".join(f"real_server 10.1.{one} 80 {{\n}}" for one in numbers)
    text = (
        f"vrrp_instance a {{\nvirtual_ipaddress {{\n{floating}\n}}\n}}\n"
        f"virtual_server 10.0.0.100 80 {{\nlb_kind NAT\n{servers}\n}}"
    )
    begin = time.process_time()
    check("keepalived", text)
    # 5 s where each is compared with each, and 0.2 s where they are not.
    assert time.process_time() - begin < 3


@pytest.mark.parametrize(
    ("module", "limit", "kind", "text"),
    [
        (servers, "MAX_SERVICES", "keepalived", "virtual_server_group a {\n10.0.0.1-3 80\n}\n"),
        (servers, "MAX_SERVERS", "keepalived", ""),
        (rules, "MAX_SERVICES", "ipvsadm", "-A -t 10.0.0.1:81\n-A -t 10.0.0.1:82"),
        (rules, "MAX_SERVERS", "ipvsadm", "-a -t 10.0.0.1:80 -r 10.0.0.2\n" * 2),
        (ldirectord, "MAX_SERVICES", "ldirectord", "virtual=10.0.0.1:81\nvirtual=10.0.0.1:82"),
        (ldirectord, "MAX_SERVERS", "ldirectord", " real=10.0.0.2->10.0.0.4:80 masq"),
        (source, "MAX_REMARKS", "keepalived", "a\nb\n"),
    ],
)
def test_limits(
    module: ModuleType, limit: str, kind: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = {
        "ipvsadm": "-A -t 10.0.0.1:80\n",
        "ldirectord": "virtual=10.0.0.1:80\n",
        "keepalived": "virtual_server group a {\nreal_server 10.0.0.2 80 {\n}\n"
        "real_server 10.0.0.3 80 {\n}\n}\nvirtual_server_group a {\n10.0.0.1 80\n}\n",
    }
    monkeypatch.setattr(module, limit, 1)
    with pytest.raises(SourceError, match=r"^main:[0-9]+: more than .*\b1 "):
        source_of_file("main", kind, Memory({"main": begin[kind] + text}), Remarks())
