# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on a pair while one director is away, or on its way, under requests that are counted."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from scenario.node import Node
from scenario.pair import READY, Pair, dead, deaf, table, until
from scenario.steady import Load, expect_lasting_ones_kept, expect_no_loss
from scenario.topology import Topology

pytestmark = pytest.mark.long_form

LAB = Path(__file__).resolve().parents[3] / "lab/lab"
TELLING_SECONDS = 4  # until the kernel has told of connections


def test_a_drain_of_a_real_server_during_a_failover(
    topology: Topology, load: Load, pair: Pair
) -> None:
    """What it waits for is on both directors, and ends on both; new ones go elsewhere.

    The first one here: what a director has known when it died counts there until it is too old.
    """
    active = pair.master()
    given = ("-e", "real_server=web2", "-e", "drain_timeout=60")
    with ThreadPoolExecutor(1) as pool:
        with load() as seen:
            time.sleep(TELLING_SECONDS)
            drain = pool.submit(topology.run, "lvs.topology.drain", *given)
            until(lambda: all(is_drained(one) for one in pair.directors), "it has not begun")
            active.run("sh", "-c", "kill -9 $(pidof keepalived)")
            pair.comes_to(pair.the_other(active))
            until(lambda: not pair.held(active), "keepalived has not started again")
            with load() as after:
                time.sleep(2)
            assert not drain.done()  # connections of web2 go on
        expect_lasting_ones_kept(seen)
        assert all("web2" not in servers for servers in after.answered.values()), after.answered
        assert drain.result().status == 0
    assert topology.run("lvs.topology.undrain", *given).status == 0
    assert not any(is_drained(one) for one in pair.directors)
    pair.master()


def is_drained(director: Node) -> bool:
    return all("-w 0" in line for line in table(director) if "10.0.0.12:" in line)


def test_two_masters_that_meet_again(load: Load, pair: Pair) -> None:
    """They are cut from each other, and from nobody else."""
    active = pair.master()
    with load() as seen:
        time.sleep(TELLING_SECONDS)
        with ExitStack() as stack:
            for one, other in ((0, "10.0.0.6"), (1, "10.0.0.5")):
                stack.enter_context(deaf(pair.directors[one], f"ip saddr {other}"))
            pair.comes_to(pair.the_other(active))
            time.sleep(5)
        assert pair.master() is pair.directors[1]
        time.sleep(TELLING_SECONDS)
    expect_lasting_ones_kept(seen)


def test_a_run_while_one_director_is_down(
    topology: Topology, load: Load, pair: Pair, tmp_path: Path
) -> None:
    """It changes nothing, and says what can be done; the next one changes both directors."""
    active = pair.master()
    standby = pair.the_other(active)
    gone = tmp_path / "gone.yml"
    gone.write_text(json.dumps({"all": {"hosts": {active.name: {"ansible_port": 1}}}}))
    services = json.loads(json.dumps(topology.inventory.services))
    services["dr"]["real_servers"][0]["weight"] = 3
    changed = ("-e", json.dumps({"topology_services": services}))
    with load() as seen:
        time.sleep(TELLING_SECONDS)
        with dead(active, pair.interface):
            pair.comes_to(standby)
            before = table(standby)
            refused = topology.converge("-i", str(gone), *changed)
            assert (refused.status != 0, refused.changed, table(standby)) == (True, set(), before)
            assert f"lvs.topology.teardown -e host={active.name}" in refused.output
        pair.master()
        time.sleep(TELLING_SECONDS)
    expect_lasting_ones_kept(seen)
    with load() as seen:
        repaired = topology.converge(*changed)
        assert (repaired.status, repaired.changed) == (0, {one.name for one in pair.directors})
        assert table(active) == table(standby) != before
        assert topology.converge().status == 0
    expect_no_loss(seen)


def test_maintenance_of_both(topology: Topology, load: Load, pair: Pair, tmp_path: Path) -> None:
    """Each one restarts while the other one has the VIPs, which move once."""
    active = pair.master()
    restart = {
        "ansible.builtin.command": {
            "argv": [sys.executable, str(LAB), "restart", "{{ director }}"]
        },
        "delegate_to": "localhost",
        "become": False,
    }
    tasks = tmp_path / "restart.yml"
    tasks.write_text(json.dumps([restart]))
    booted = [one.run("cat", "/proc/1/stat").split()[21] for one in pair.directors]
    with load() as seen:
        run = topology.run("lvs.topology.rolling_directors", "-e", f"rolling_tasks={tasks}")
        assert run.status == 0
        assert pair.master() is pair.the_other(active)
    expect_no_loss(seen)
    again = [one.run("cat", "/proc/1/stat").split()[21] for one in pair.directors]
    assert [*map(str.__eq__, booted, again)] == [False, False]
    assert [one.run("cat", READY).strip() for one in pair.directors] == ["0", "0"]


@pytest.mark.parametrize("has_vips", [False, True], ids=["without VIPs", "with VIPs"])
def test_one_leaves_and_comes_back(
    topology: Topology, load: Load, pair: Pair, *, has_vips: bool
) -> None:
    active = pair.master()
    leaving = active if has_vips else pair.the_other(active)
    with load() as seen:
        time.sleep(TELLING_SECONDS)
        left = topology.run("lvs.topology.teardown", "-e", f"host={leaving.name}")
        assert (left.status, pair.held(leaving), table(leaving)) == (0, frozenset(), [])
        assert pair.held(pair.the_other(leaving)) == pair.moving
        back = topology.converge()
        assert (back.status, pair.master()) == (0, pair.the_other(leaving))
        time.sleep(TELLING_SECONDS)
    expect_lasting_ones_kept(seen)
    assert table(leaving) == table(pair.the_other(leaving)) != []
