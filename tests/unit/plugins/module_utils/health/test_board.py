# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From results of probes to weights and sentences, over several services."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.health import plan, pool
from ansible_collections.lvs.topology.plugins.module_utils.health.board import Board, Task
from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision
from ansible_collections.lvs.topology.plugins.module_utils.health.model import (
    KEEP,
    WITHDRAW,
    Check,
    Policy,
    Probe,
    Watch,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment, Verdict
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)

WEB, TLS = (ServiceKey("ipv4", 0, "tcp", "192.0.2.1", port) for port in (80, 443))
ONE, TWO, SORRY = (DestinationKey(f"10.0.0.{number}", 8080) for number in (1, 2, 9))
NAMES = {ONE.address: "web1 (10.0.0.1)", TWO.address: "web2 (10.0.0.2)"}
REFUSED, SILENT = "connection refused", "no answer within 1 s"
TCP = Check("tcp")


class Scene:
    """A board with a clock of its own."""

    def __init__(
        self,
        *watches: Watch,
        verdicts: Mapping[tuple[ServiceKey, DestinationKey], Verdict] = MappingProxyType({}),
        decisions: Mapping[tuple[ServiceKey, DestinationKey], Decision] = MappingProxyType({}),
        rips: tuple[DestinationKey, ...] = (ONE, TWO, SORRY),
    ) -> None:
        self.clock = 100.0
        self.board = Board(verdicts, decisions)
        self.rips = rips
        self.said: list[str] = []
        self.take(*watches)

    def now(self) -> Moment:
        return Moment(self.clock, self.clock + 1000)

    def take(self, *watches: Watch, drained: tuple[str, ...] = ()) -> None:
        table = {
            watch.service: Entry(
                Service(watch.service),
                {
                    key: Destination(key, "masq", 10)
                    for key in self.rips
                    if key != SORRY or key in watch.fallback
                },
            )
            for watch in watches
        }
        self.board.take(Task(watches, table, drained, NAMES), plan.probes(watches, table, {}))
        self.said += self.board.decide(self.now())

    def hear(self, *rounds: tuple[str, str]) -> None:
        """What web1 and web2 answer, every two seconds; "-" is nothing for now."""
        for answers in rounds:
            self.clock += 2
            for key, result in zip((ONE, TWO), answers, strict=True):
                probes = [one for one in self.board._targets if one.address == key.address]
                results = [(probe, result) for probe in probes if result != "-"]
                self.said += self.board.note(results, self.now())
            self.said += self.board.decide(self.now())

    def weights(self) -> dict[str, int]:
        """The decided weights of services and the last number of a RIP."""
        return {
            f"{service.port}.{key.address[-1]}": one.weight
            for (service, key), one in sorted(self.board.decisions.items())
        }


def watch(
    key: ServiceKey = WEB, check: Check = TCP, *, fallback: bool = False, **policy: object
) -> Watch:
    return Watch(
        key,
        {WEB: "web", TLS: "tls"}[key],
        key.address,
        key.port,
        check,
        Policy(**policy),  # type: ignore[arg-type]
        fallback=(SORRY,) if fallback else (),
    )


def test_one_result_for_all_services_that_share_a_probe() -> None:
    scene = Scene(watch(WEB), watch(TLS))
    scene.hear((REFUSED, ""), (REFUSED, ""))
    assert scene.weights() == {}
    scene.hear((REFUSED, ""))
    assert scene.weights() == {"80.1": 0, "443.1": 0}
    scene.hear((REFUSED, ""), ("", ""), ("", ""))
    assert scene.weights() == {}
    assert scene.said == [
        "web1 (10.0.0.1) is down for service web, service tls: connection refused",
        "web1 (10.0.0.1) is up again for service web, service tls",
    ]


def test_all_that_refuse_go_out() -> None:
    scene = Scene(watch())
    scene.hear(*[(REFUSED, REFUSED)] * 3)
    assert scene.weights() == {"80.1": 0, "80.2": 0}


def test_all_that_fall_silent_at_once_stay_where_nobody_else_serves() -> None:
    scene = Scene(watch())
    scene.hear(("", ""), *[(SILENT, SILENT)] * 9)
    assert scene.weights() == {}
    assert scene.said == [
        f"web{number} (10.0.0.{number}) stays in: {SILENT}, and nobody else answers either"
        for number in (1, 2)
    ]
    # The network comes back: nobody has gone meanwhile, and whoever is dead goes now.
    scene.hear(("", SILENT), ("", SILENT), ("", SILENT), ("", SILENT))
    assert scene.weights() == {"80.2": 0}
    assert scene.said[2:] == [
        "web1 (10.0.0.1) answers again",
        f"web2 (10.0.0.2) is down for service web: {SILENT}",
    ]


def test_a_network_that_comes_back_takes_nobody_out() -> None:
    """Also not whose last probe was still on its way to nowhere when others had their answer."""
    scene = Scene(watch())
    scene.hear(("", ""), *[(SILENT, SILENT)] * 4, ("", SILENT), ("", ""))
    assert scene.weights() == {}


@pytest.mark.parametrize("last", [("", "-"), ("-", "")])
def test_a_network_that_is_cut_takes_nobody_out_whoever_has_answered_last(
    last: tuple[str, str],
) -> None:
    scene = Scene(watch())
    scene.hear(("", ""), last, *[(SILENT, SILENT)] * 5)
    assert scene.weights() == {}


def test_a_result_that_takes_silence_for_good_is_no_answer_of_others() -> None:
    table = {
        WEB: Entry(Service(WEB), {ONE: Destination(ONE, "masq")}),
        TLS: Entry(Service(TLS), {TWO: Destination(TWO, "masq")}),
    }
    watches = [watch(WEB), watch(TLS, Check("udp", options=(("expect", None), ("send", ""))))]
    probes = plan.probes(watches, table, {})
    board = Board({}, {})
    board.take(Task(watches, table), probes)
    now = Moment(0, 0)
    for second in range(9):
        now = Moment(second, second)
        board.note([(probes[TLS, TWO], ""), (probes[WEB, ONE], SILENT)], now)
        board.decide(now)
    assert board.decisions == {}
    board.note([(probes[TLS, TWO], REFUSED)] * 2, now)
    board.note([(probes[WEB, ONE], SILENT)] * 2, now)
    board.decide(now)
    assert [*board.decisions] == [(WEB, ONE)]


@pytest.mark.parametrize("fall", [1, 2, 3, 5])
def test_one_that_is_silent_among_others_goes_out(fall: int) -> None:
    scene = Scene(watch(check=TCP._replace(fall=fall)))
    scene.hear(*[(SILENT, "")] * max(3, fall))
    assert scene.weights() == {"80.1": 0}


@pytest.mark.parametrize(
    ("one", "weights"),
    [
        (watch(fallback=True), {"80.1": 0, "80.2": 0, "80.9": 10}),
        (watch(floor=50, on_floor=WITHDRAW), {"80.1": 0, "80.2": 0}),
    ],
)
def test_silent_ones_go_where_somebody_else_serves(one: Watch, weights: dict[str, int]) -> None:
    scene = Scene(one)
    scene.hear(*[(SILENT, SILENT)] * 3)
    assert scene.weights() == weights


def test_a_single_real_server_goes_out() -> None:
    scene = Scene(watch(), rips=(ONE,))
    scene.hear(*[(SILENT, "-")] * 3)
    assert scene.weights() == {"80.1": 0}


def test_what_becomes_of_a_pool_is_said_once() -> None:
    scene = Scene(watch(floor=50))
    scene.hear(*[(REFUSED, REFUSED)] * 5, *[("", REFUSED)] * 3, *[("", "")] * 3)
    assert scene.said == [
        "web1 (10.0.0.1) is down for service web: connection refused",
        "web2 (10.0.0.2) is down for service web: connection refused",
        "web2 (10.0.0.2) stays in service web: 50 % of its weight stay in whatever checks say",
        "web1 (10.0.0.1) is up again for service web",
        "web2 (10.0.0.2) is up again for service web",
    ]
    scene = Scene(watch(floor=60, on_floor=WITHDRAW, fallback=True))
    scene.hear(*[(REFUSED, "")] * 3, *[("", "")] * 2)
    assert scene.said == [
        "web1 (10.0.0.1) is down for service web: connection refused",
        "service web is withdrawn: less than 60 % of the pool is up",
        f"10.0.0.9 serves service web: {pool.FALLBACK}",
        "web1 (10.0.0.1) is up again for service web",
        "service web is back",
        "10.0.0.9 serves service web no more",
    ]


def test_a_list_that_changes_loses_no_state() -> None:
    scene = Scene(watch())
    scene.hear(*[(REFUSED, "")] * 3)
    scene.take(watch(check=TCP._replace(interval=5.0, rise=1)), watch(TLS))
    # What a probe has said counts for the other service that needs the same one from now on.
    assert scene.weights() == {"80.1": 0, "443.1": 0}
    scene.hear(("", ""))
    assert scene.weights() == {"443.1": 0}
    scene.take()
    assert scene.board.verdicts() == {}


def test_a_drain_changes_what_the_floor_is_a_share_of() -> None:
    scene = Scene(watch(floor=50))
    scene.hear(*[(REFUSED, "")] * 3)
    assert scene.weights() == {"80.1": 0}
    scene.take(watch(floor=50), drained=(TWO.address,))
    assert scene.weights() == {}


def test_a_restart_changes_and_says_nothing() -> None:
    one = watch(floor=50, fallback=True)
    scene = Scene(one)
    scene.hear(*[(REFUSED, REFUSED)] * 3)
    assert scene.weights() == {"80.1": 0}
    known, decided = scene.board.verdicts(), scene.board.decisions
    again = Scene(one, verdicts=known, decisions=decided)
    again.clock = 500
    again.take(one)
    assert (again.board.verdicts(), again.board.decisions, again.said) == (known, decided, [])


def test_who_is_down_only_for_some_is_up_in_a_probe_that_becomes_one() -> None:
    down = Verdict(is_up=False, reason=REFUSED, since=Moment(1, 1))
    scene = Scene(watch(WEB), watch(TLS), verdicts={(WEB, ONE): down})
    assert scene.weights() == {"80.1": 0, "443.1": 0}
    both = {(WEB, ONE): down, (TLS, ONE): Verdict()}
    assert Scene(watch(WEB), watch(TLS), verdicts=both).weights() == {}


def test_a_result_of_a_probe_that_is_no_more() -> None:
    scene = Scene(watch())
    assert scene.board.note([(Probe(TCP, "10.0.0.77", 80), REFUSED)], scene.now()) == []
    assert scene.board.summary() == "2 of 2 real servers are up"


answers = st.sampled_from(["", REFUSED, SILENT, "-"])


@given(
    st.lists(st.tuples(answers, answers), max_size=40),
    st.sampled_from([0, 40, 60]),
    st.sampled_from([KEEP, WITHDRAW]),
    st.sampled_from([0.0, 9.0]),
    st.sampled_from([(), (SORRY,)]),
)
def test_whatever_probes_say(
    rounds: list[tuple[str, str]],
    floor: int,
    on_floor: str,
    slow_start: float,
    fallback: tuple[DestinationKey, ...],
) -> None:
    one = watch(fallback=bool(fallback), floor=floor, on_floor=on_floor, slow_start=slow_start)
    scene = Scene(one)
    for each in rounds:
        scene.hear(each)
        decided = {
            key: decision.weight for (_service, key), decision in scene.board.decisions.items()
        }
        assert all(0 <= weight <= 10 for weight in decided.values())
        in_service = sum(decided.get(key, 10) for key in (ONE, TWO))
        if on_floor == KEEP:
            assert in_service * 100 >= 20 * floor
        assert decided.get(SORRY, 0) == (10 if fallback and not in_service else 0)
        # Another daemon would go on in the same way.
        again = Scene(one, verdicts=scene.board.verdicts(), decisions=scene.board.decisions)
        again.clock = scene.clock
        again.take(one)
        assert again.weights() == scene.weights()
    scene.hear(*[("", "")] * 8)
    assert scene.weights() == {}


RIPS = [DestinationKey(f"10.0.0.{number}", 8080) for number in range(1, 5)]
SERVICES = [ServiceKey("ipv4", 0, "tcp", f"192.0.2.{number}", 80) for number in range(1, 5)]
policies = st.builds(
    Policy, st.sampled_from([0, 40]), st.sampled_from([KEEP, WITHDRAW]), st.sampled_from([0.0, 9.0])
)
pools = st.sets(st.sampled_from(RIPS), min_size=1)
rounds_of_all = st.lists(st.tuples(*[answers] * len(RIPS)), max_size=12)


@given(st.lists(st.tuples(policies, pools), min_size=1, max_size=len(SERVICES)), rounds_of_all)
def test_what_is_not_concerned_is_as_if_it_had_been_decided_anew(
    services: list[tuple[Policy, set[DestinationKey]]], rounds: list[tuple[str, ...]]
) -> None:
    """A board that decides all of its pools each time comes to the same, and says the same."""
    watches, table = [], {}
    for key, (policy, rips) in zip(SERVICES, services, strict=False):
        watches.append(Watch(key, key.address, key.address, 80, TCP, policy))
        table[key] = Entry(
            Service(key), {each: Destination(each, "masq", 10) for each in sorted(rips)}
        )
    task, probes = Task(watches, table), plan.probes(watches, table, {})
    quick, slow = Board({}, {}), Board({}, {})
    now = Moment(0, 0)
    quick.take(task, probes)
    slow.take(task, probes)
    assert quick.decide(now) == slow.decide(now)
    for number, one in enumerate(rounds):
        now = Moment(2.0 * number, 2.0 * number)
        results = [
            (probe, result)
            for probe in sorted({*probes.values()})
            for key, result in zip(RIPS, one, strict=True)
            if probe.address == key.address and result != "-"
        ]
        assert quick.note(results, now) == slow.note(results, now)
        slow.take(task, probes)
        assert quick.decide(now) == slow.decide(now)
        assert (quick.decisions, quick.changes_at) == (slow.decisions, slow.changes_at)
        assert quick.told() == {
            target: one for target, one in slow.verdicts().items() if one.since or one.reason
        }


def test_what_is_decided_for_others_stays_as_it_was() -> None:
    """Whoever writes it compares: nothing new is the same object, and an old one never changes."""
    scene = Scene(watch(WEB), watch(TLS))
    scene.hear(*[(REFUSED, "")] * 3)
    decided, copied = scene.board.decisions, {**scene.board.decisions}
    scene.hear((REFUSED, ""), (REFUSED, REFUSED))
    assert scene.board.decisions is decided
    scene.hear(*[(REFUSED, REFUSED)] * 3)
    assert scene.board.decisions != decided == copied
