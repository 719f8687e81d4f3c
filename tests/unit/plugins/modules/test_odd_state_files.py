# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State files that another release or a hand has changed: read whole, or refused."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.boot.registry import AT_BOOT
from ansible_collections.lvs.topology.plugins.module_utils.converge import (
    director,
    metrics,
    table_state,
    watches,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check, Policy, Watch
from ansible_collections.lvs.topology.plugins.module_utils.host import codec
from ansible_collections.lvs.topology.plugins.module_utils.host.model import Current, Desired, Owned
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import Settings
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.part import Part
from ansible_collections.lvs.topology.plugins.module_utils.state.record import Record
from ansible_collections.lvs.topology.plugins.module_utils.state.section import (
    HEALTH,
    HOST,
    METRICS,
    TABLE,
    Section,
)
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import VERSION
from ansible_collections.lvs.topology.plugins.modules import (
    director as director_module,
    ipvs_drain,
    ipvs_services,
    ipvs_settings,
    node_info,
    real_server,
    router,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.strategies import (
    hosts,
    wants,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

Json = Any

ODD: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 1.0, 2**70, "", "x", "a b", "1", "\u0661", "\ud800", "\x1b[2J",
    "../../x", "::1", "10.0.0.0/8", [], ["x"], [[]], {}, {"x": 1}, [{}], "future",
)  # fmt: skip

WATCHES = (
    Watch(
        ServiceKey("ipv6", 7, "", "", 0),
        "all",
        "2001:db8::1",
        443,
        Check("tcp", 8080, "vip", 5.0, 2.0, 1, 4),
        Policy(25, "withdraw", 30.0),
        "2001:db8::9",
        (DestinationKey("2001:db8::8", 0),),
    ),
)

MEASURED = Settings("/srv/metrics", 60, real_servers=False, names={"fwmark 7 (ipv6)": "all"})

Run = tuple[Callable[[], None], dict[str, Json]]
MODULES: dict[str, Run] = {
    "real_server": (real_server.main, {"vips": ["10.0.0.101"]}),
    "router": (router.main, {}),
    "ipvs_settings": (ipvs_settings.main, {}),
    "ipvs_services": (ipvs_services.main, {"services": []}),
    director.PART: (director_module.main, {}),
}


class Kept:
    """What was written, in memory."""

    place = "memory"

    def __init__(self) -> None:
        self.desired: dict[str, Any] = {}
        self.owned: dict[str, Any] = {}

    def record(self, desired: dict[str, Any], owned: dict[str, Any]) -> None:
        self.desired, self.owned = desired, owned


class File(NamedTuple):
    """A part's state file."""

    part: str
    content: dict[str, Json]

    def write(self, root: str) -> None:
        """Put it in its place on a host."""
        path = Path(root) / f"var/lib/lvs-topology/{self.part}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(self.content))


@st.composite
def sound(draw: st.DrawFn) -> File:
    """A state file as this version writes it."""
    part, kept = draw(st.sampled_from(sorted(AT_BOOT))), Kept()
    if part in (director.PART, table_state.PART):
        table: Table = draw(tables())
        names = draw(st.dictionaries(st.sampled_from(("web1", "web2")), st.just(("10.0.0.1",))))
        drained = draw(st.dictionaries(st.sampled_from(("10.0.0.1", "::1")), st.booleans()))
        state = table_state.TableState(table, frozenset(table), names, drained)
        table_state.save(section(part, TABLE, kept), state)
    if part == director.PART:
        watches.save(Section(kept, HEALTH), WATCHES)
        metrics.save(Section(kept, METRICS), MEASURED)
    if part != table_state.PART:
        host: Current = draw(hosts())
        desired: Desired = draw(wants())
        owned = plan(host, desired, Owned()).owned
        section(part, HOST, kept).record(codec.dump_desired(desired), codec.dump_owned(owned))
    return File(part, {"version": VERSION, "desired": kept.desired, "owned": kept.owned})


def section(part: str, name: str, kept: Kept) -> Record:
    """Where a part has its table, or what it knows of the host."""
    return Section(kept, name) if part == director.PART else kept


def places(value: Json) -> Iterator[tuple[Json, Json]]:
    """Every container with a key or index in it."""
    if isinstance(value, (dict, list)):
        for key in [*value] if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@st.composite
def changed(draw: st.DrawFn) -> File:
    """The same with one to three places changed."""
    file = draw(sound())
    content = deepcopy(file.content)
    for _time in range(draw(st.integers(1, 3))):
        found = [*places(content)]
        if not found:
            break
        container, key = draw(st.sampled_from(found))
        change = draw(st.sampled_from(("replace", "remove", "add", "repeat", "reverse")))
        value = deepcopy(container[key] if change == "repeat" else draw(st.sampled_from(ODD)))
        if change == "replace":
            container[key] = value
        elif change == "remove":
            del container[key]
        elif isinstance(container, dict):
            container["unknown"] = value
        elif change == "reverse":
            container.reverse()
        else:
            container.append(value)
    return file._replace(content=content)


def is_missing(kept: Json, written: Json) -> bool:
    """Whether something of the first is not in the second."""
    if isinstance(kept, dict) and isinstance(written, dict):
        return any(
            is_missing(one, written[name]) if name in written else one not in ({}, [])
            for name, one in kept.items()
        )
    if isinstance(kept, list) and isinstance(written, list):
        # Their order is free, and what was added to one as its default changes where it sorts.
        return len(kept) != len(written) or all(
            any(map(is_missing, kept, order)) for order in permutations(written)
        )
    return json.dumps(kept) != json.dumps(written)


def written_back(file: File) -> dict[str, Json]:
    """What the code that applies a part makes of its state file; {} where it refuses."""
    kept = Kept()
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "ROOT", Path(root))
        file.write(root)
        try:
            record = Part(file.part)
            kept.record(record.desired, record.owned)
            if file.part in (director.PART, table_state.PART):
                place = section(file.part, TABLE, kept)
                table_state.save(place, table_state.load(place))
            if file.part == director.PART:
                place = Section(kept, HEALTH)
                watches.save(place, watches.load(place))
                place = Section(kept, METRICS)
                metrics.save(place, metrics.load(place))
            if file.part != table_state.PART:
                place = section(file.part, HOST, kept)
                past = codec.load(place)
                place.record(codec.dump_desired(past.desired), codec.dump_owned(past.owned))
        except PersistenceError:
            return {}
    return {"version": VERSION, "desired": kept.desired, "owned": kept.owned}


@pytest.mark.fuzz
@given(sound())
def test_what_is_written_is_read(file: File) -> None:
    assert written_back(file) == file.content


@pytest.mark.fuzz
@given(changed())
def test_nothing_is_lost(file: File) -> None:
    written = written_back(file)
    assert not written or not is_missing(file.content, written)


@pytest.mark.fuzz
@given(changed())
def test_modules_say_what_is_wrong(file: File) -> None:
    main, arguments = MODULES[file.part]
    runs: list[Run] = [
        (main, arguments),
        (node_info.main, {}),
        (ipvs_drain.main, {"real_servers": ["x"]}),
    ]
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        host = FakeHost(Path(root), patch)
        FakeIpvs().put_in_place(patch)
        file.write(root)
        before = host.snapshot()
        for run, options in runs:
            result = run_module(run, check=True, **options)
            assert not result.get("failed") or result["msg"]
        assert host.snapshot() == before
