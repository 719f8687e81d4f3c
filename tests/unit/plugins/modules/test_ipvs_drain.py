# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of what drains, over a table in memory and a root of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.converge import table_state
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.modules import ipvs_destination, ipvs_drain
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_modules import (
    FOREIGN,
    WEB,
    Result,
    foreign,
    ipvs,
    run,
    table,
)

__all__ = ["ipvs"]

ONE, TWO = "10.0.0.1", "10.0.0.2"
HOSTS = {"web1": [ONE], "web2": [TWO]}


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What modules warn of: their results hold what earlier ones of this process did, too."""
    said: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: said.append(text))
    return said


def declare(*, check: bool = False, one: int = 3, **fields: object) -> Result:
    """web1 and web2 below one service."""
    destinations = [{"address": ONE, "weight": one}, {"address": TWO, "weight": 2}]
    return table({**WEB, **fields, "destinations": destinations}, hosts=HOSTS, check=check)


def drain(name: str, state: str = "drained", *, check: bool = False, **options: object) -> Result:
    return run(ipvs_drain.main, real_servers=[name], state=state, check=check, **options)


def weights(kernel: FakeIpvs) -> dict[str, int]:
    return {
        each.address: one.weight
        for entry in kernel.content.values()
        for each, one in entry.destinations.items()
    }


@pytest.mark.parametrize("name", ["web1", ONE])
def test_a_real_server_is_drained_and_comes_back(ipvs: FakeIpvs, name: str) -> None:
    declare()
    predicted = drain(name, check=True)
    assert weights(ipvs) == {ONE: 3, TWO: 2}
    done = drain(name)
    assert weights(ipvs) == {ONE: 0, TWO: 2}
    assert predicted["diff"] == done["diff"]
    assert not drain(name)["changed"]
    assert done["connections"] == [
        {
            "service": "tcp 192.0.2.1:80",
            "protocol": "tcp",
            "destination": "10.0.0.1:80",
            "active": 1,
            "inactive": 2,
            "persistent": 3,
        }
    ]
    assert drain(name, "serving")["changed"]
    assert weights(ipvs) == {ONE: 3, TWO: 2}
    assert not drain(name, "serving")["changed"]


def test_a_drain_ends_with_the_next_run_of_the_table(ipvs: FakeIpvs) -> None:
    declare()
    drain("web1")
    assert declare()["changed"]
    assert weights(ipvs) == {ONE: 3, TWO: 2}
    assert not declare()["changed"]


def test_a_persistent_drain_stays(ipvs: FakeIpvs, warnings: list[str]) -> None:
    declare()
    drain("web1", persistent=True)
    declare(one=5)
    assert weights(ipvs) == {ONE: 0, TWO: 2}
    assert ["web1 (10.0.0.1) stays drained" in warning for warning in warnings] == [True]
    assert not declare(one=5)["changed"]
    drain("web1", "serving")
    assert weights(ipvs) == {ONE: 5, TWO: 2}


def test_a_persistent_drain_is_not_lowered(ipvs: FakeIpvs, warnings: list[str]) -> None:
    declare()
    assert drain("web1", persistent=True)["drained"] == [ONE]
    assert drain("web1")["drained"] == []
    drain("web1", "serving", end_persistent=False)
    assert weights(ipvs) == {ONE: 0, TWO: 2}
    drain("web1", "removed")
    assert weights(ipvs) == {TWO: 2}
    declare()
    assert weights(ipvs) == {ONE: 0, TWO: 2}
    assert ["web1 (10.0.0.1) stays drained" in one for one in warnings] == [True, True]
    drain("web1", "serving")
    declare()
    assert weights(ipvs) == {ONE: 3, TWO: 2}


@pytest.mark.parametrize("persistent", [True, False])
def test_a_reboot_keeps_what_was_asked_to_stay(ipvs: FakeIpvs, *, persistent: bool) -> None:
    declare()
    drain("web1", persistent=persistent)
    ipvs.content = {}
    assert boot() == 0
    assert weights(ipvs) == {ONE: 0 if persistent else 3, TWO: 2}


def test_the_next_attempt_at_boot_is_about_what_failed(
    ipvs: FakeIpvs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    declare()
    damaged = paths.state_file("router", persist=True)
    damaged.write_text("damaged")
    assert boot() == 1
    drain("web1")
    assert boot() == 1
    damaged.unlink()
    assert boot() == 0
    assert weights(ipvs) == {ONE: 0, TWO: 2}
    # It is through: whoever starts it now wants all of it.
    assert boot() == 0
    assert weights(ipvs) == {ONE: 3, TWO: 2}


def test_a_real_server_that_is_no_longer_declared_is_forgotten(ipvs: FakeIpvs) -> None:
    declare()
    drain("web1", persistent=True)
    table({**WEB, "destinations": [{"address": TWO}]}, hosts={"web2": [TWO]})
    declare()
    assert weights(ipvs) == {ONE: 3, TWO: 2}


def test_a_weight_that_somebody_gave_is_left(ipvs: FakeIpvs) -> None:
    declare()
    drain("web1")
    run(ipvs_destination.main, **WEB, destination={"address": ONE, "weight": 9})
    assert not drain("web1", "serving")["operations"][:-1]
    assert weights(ipvs) == {ONE: 9, TWO: 2}


def test_removed_until_the_next_run(ipvs: FakeIpvs) -> None:
    declare()
    drain("web1", "removed")
    assert weights(ipvs) == {TWO: 2}
    declare()
    assert weights(ipvs) == {ONE: 3, TWO: 2}


def test_others_services_are_left(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    run(ipvs_destination.main, **FOREIGN, destination={"address": ONE, "weight": 7})
    declare()
    drain("web1")
    assert sorted(
        one.weight for entry in ipvs.content.values() for one in entry.destinations.values()
    ) == [0, 2, 7]


def test_unknown_real_servers_are_all_named(ipvs: FakeIpvs) -> None:
    declare()
    failed = run(ipvs_drain.main, real_servers=["web1", "web8", "web9"], timeout=300)
    assert failed["msg"] == (
        "no service of ours has a real server web8, web9: there are web1, web2"
    )
    assert weights(ipvs) == {ONE: 3, TWO: 2}


def test_nothing_to_drain_at_all(ipvs: FakeIpvs) -> None:
    failed = drain("web1")
    assert failed["msg"].endswith("there are no services of ours")
    assert ipvs.written == []


def test_bad_times_are_refused(ipvs: FakeIpvs) -> None:
    declare()
    failed = drain("web1", timeout=-1, poll_interval=0)
    assert len(failed["problems"]) == 2
    assert weights(ipvs) == {ONE: 3, TWO: 2}


@pytest.mark.parametrize("ends_templates", ["0", "1"])
def test_clients_that_come_back_are_warned_of(
    ipvs: FakeIpvs, tmp_path: Path, warnings: list[str], ends_templates: str
) -> None:
    (tmp_path / "proc/sys/net/ipv4/vs/expire_quiescent_template").write_text(ends_templates)
    declare(persistence_timeout=600)
    drain("web1")
    assert ["away for 600 s" in warning for warning in warnings] == [True] * (ends_templates == "0")
    assert weights(ipvs) == {ONE: 0, TWO: 2}


def test_state_stays_where_it_is_kept(ipvs: FakeIpvs) -> None:
    table({**WEB, "destinations": [{"address": ONE}]}, persist=False)
    drain(ONE, persistent=True)
    assert weights(ipvs) == {ONE: 0}
    assert not paths.state_file(table_state.PART, persist=True).exists()
    assert paths.state_file(table_state.PART, persist=False).exists()


def test_one_destination_is_drained(ipvs: FakeIpvs) -> None:
    declare()
    arguments: dict[str, Any] = {**WEB, "destination": {"address": ONE}, "state": "drained"}
    predicted = run(ipvs_destination.main, check=True, **arguments)
    done = run(ipvs_destination.main, **arguments)
    assert weights(ipvs) == {ONE: 0, TWO: 2}
    assert predicted["diff"] == done["diff"]
    assert done["destination_before"]["weight"] == 3
    assert [one["destination"] for one in done["connections"]] == ["10.0.0.1:80"]
    again = run(ipvs_destination.main, **arguments)
    assert not again["changed"]
    back = {**arguments, "state": "present", "destination": done["destination_before"]}
    run(ipvs_destination.main, **back)
    assert weights(ipvs) == {ONE: 3, TWO: 2}


def test_draining_one_destination_keeps_what_is_declared_of_others(ipvs: FakeIpvs) -> None:
    declare()
    drain("web2", persistent=True)
    run(ipvs_destination.main, **WEB, destination={"address": ONE}, state="drained")
    drain("web2", "serving")
    assert weights(ipvs) == {ONE: 0, TWO: 2}


def test_a_destination_that_is_not_there_cannot_be_drained(ipvs: FakeIpvs) -> None:
    declare()
    missing = {"address": "10.0.0.9"}
    failed = run(ipvs_destination.main, **WEB, destination=missing, state="drained")
    assert failed["msg"] == "there is no destination 10.0.0.9:80 of a service tcp 192.0.2.1:80"
    assert weights(ipvs) == {ONE: 3, TWO: 2}


@pytest.mark.parametrize("state", ["drained", "removed"])
def test_too_few_would_be_left(ipvs: FakeIpvs, state: str) -> None:
    declare()
    result = drain("web1", state, min_left=2)
    assert result["failed"] is True
    assert "found 1 other real server with a weight; wanted at least 2" in result["msg"]
    assert weights(ipvs) == {ONE: 3, TWO: 2}
    assert drain("web1", state, min_left=1)["changed"] is True


def test_a_drained_real_server_does_not_count_as_left(ipvs: FakeIpvs) -> None:
    declare()
    drain("web2")
    result = drain("web1", min_left=1)
    assert "found 0 other real servers with a weight" in result["msg"]
    assert weights(ipvs) == {ONE: 3, TWO: 0}
    # It may come back at any time.
    assert drain("web2", "serving", min_left=5)["changed"] is True
