# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the action that waits on a director, over one that is made up."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.lvs.topology.plugins.action import director
from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import Result

from .running import Remote, connection

WEB, DNS = "tcp 192.0.2.1:80", "udp 192.0.2.1:53"
DRAIN = {"wait_for": ["active"], "timeout": 10, "poll_interval": 4, "on_timeout": "continue"}
WAIT = {**DRAIN, "services": [WEB, DNS], "on_timeout": "fail"}
GIVEN: Result = {"services": [], "reannounce": True, "drain_removed": DRAIN, "wait": WAIT}
LEFT = f"10.0.0.1:80 of {WEB}: 1 active"


class Look(NamedTuple):
    """What a call of the module finds."""

    waiting: str = ""  # the option
    active: int = 0
    changed: bool = True
    failure: str = ""
    lost: bool = False  # the connection to the director
    begun: bool = False  # whether it failed in the middle of its changes


DRAINS, WAITS, DONE = Look("drain_removed", 1), Look("wait", 1), Look()
STILL_DRAINS, STILL_WAITS = DRAINS._replace(changed=False), WAITS._replace(changed=False)
FAILS, LOST = Look(failure="cannot do that"), Look(failure="Connection refused", lost=True)


class Director(Remote):
    """Finds one after the other, and then the last; what is not asked for holds nothing."""

    def __init__(self, *looks: Look) -> None:
        super().__init__()
        self.looks = list(looks)

    def answer(self, arguments: Result) -> Result:
        while self.looks and self.looks[0].waiting and not arguments[self.looks[0].waiting]:
            self.looks.pop(0)
        look = DONE
        if self.looks:
            look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if look.lost:
            raise AnsibleConnectionFailure(look.failure)
        if look.failure:
            done = {"operations": ["a half"], "changed": True} if look.begun else {}
            return {"failed": True, "msg": look.failure, **done}
        return {
            "changed": look.changed,
            "operations": [f"step {len(self.asked)}"] if look.changed else [],
            "pending": ["the rest"] if look.waiting else [],
            "waiting": look.waiting,
            "connections": [connection(look.active)] if look.waiting else [],
            "staying": [WEB] if len(self.asked) == 1 else [WEB, DNS],
            "diff": {"before": {}, "after": {"all": "of it"}},
            # Nobody who waits asks the director how long.
            "invocation": {"module_args": {"drain_removed": None, "wait": None}},
        }


def run(
    monkeypatch: pytest.MonkeyPatch,
    remote: Director,
    arguments: Result | None = None,
    *,
    check_mode: bool = False,
) -> Result:
    kind, given = director.ActionModule, {**GIVEN, **(arguments or {})}
    return remote.run(monkeypatch, kind, given, check_mode=check_mode)


def test_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(DONE)
    result = run(monkeypatch, remote)
    assert (result["changed"], result["operations"]) == (True, ["step 1"])
    assert not {"waited", "timed_out"} & result.keys()
    assert remote.asked == [GIVEN]


@pytest.mark.parametrize("option", ["drain_removed", "wait"])
def test_it_looks_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    looks = [Look(option, active, changed=active == 2) for active in (2, 2, 1)]
    remote = Director(*looks, DONE)
    result = run(monkeypatch, remote, {option: {**GIVEN[option], "timeout": 60}})
    assert not result.get("failed")
    assert (result["changed"], result["waited"], result["timed_out"]) == (True, 12, False)
    assert result["operations"] == ["step 1", "step 2", "step 4"]
    assert (result["waiting"], result["pending"], result["connections"]) == ("", [], [])
    assert result["diff"]["after"] == {"all": "of it"}
    assert remote.said == [
        f"waiting on director, up to 60 s: 10.0.0.1:80 of {WEB}: 2 active",
        f"waiting on director, up to 52 s: 10.0.0.1:80 of {WEB}: 1 active",
    ]


def test_later_looks_go_on_with_what_began(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(DRAINS, STILL_DRAINS, WAITS, DONE)
    run(monkeypatch, remote)
    first, *later = remote.asked
    assert first == GIVEN
    # A service that stays now may have switched meanwhile, and is not waited for.
    resumed = {"resume": True, "reannounce": False, "wait": {**WAIT, "services": [WEB]}}
    assert later == [{**GIVEN, **resumed}] * 3


def test_services_that_do_not_stay_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(DRAINS, DONE)
    run(monkeypatch, remote, {"wait": {**WAIT, "services": [DNS]}})
    assert remote.asked[1]["wait"] is None


def test_one_barrier_comes_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(DRAINS, STILL_DRAINS, WAITS, STILL_WAITS, DONE)
    result = run(monkeypatch, remote)
    assert not result.get("failed")
    # Each has its own time.
    assert (result["waited"], result["timed_out"]) == (16, False)
    assert result["operations"] == ["step 1", "step 3", "step 5"]
    assert [one.partition(" s:")[0] for one in remote.said] == [
        "waiting on director, up to 10",
        "waiting on director, up to 10",
    ]


def test_a_run_that_waits_on_has_changed_what_it_changes_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = run(monkeypatch, Director(STILL_DRAINS, DONE))
    assert (result["changed"], result["operations"]) == (True, ["step 2"])
    unchanged = DONE._replace(changed=False)
    assert not run(monkeypatch, Director(STILL_WAITS, unchanged))["changed"]


@pytest.mark.parametrize(
    ("option", "kept"),
    [
        ("drain_removed", "what is to go has weight 0"),
        ("wait", "new connections are as declared, and these go on as they began"),
    ],
)
def test_the_time_is_over_and_that_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, option: str, kept: str
) -> None:
    remote = Director(Look(option, 1), Look(option, 1, changed=False))
    result = run(monkeypatch, remote, {option: {**GIVEN[option], "on_timeout": "fail"}})
    assert (result["failed"], result["timed_out"], result["waited"]) == (True, True, 10)
    assert result["msg"] == (
        f"after 10 s there still are {LEFT}; {kept}. Run this again to wait on"
    )
    # It says how far it came, and cuts nothing.
    assert (result["operations"], result["pending"]) == (["step 1"], ["the rest"])
    assert (result["waiting"], len(result["connections"])) == (option, 1)
    assert all(one[option] for one in remote.asked)


@pytest.mark.parametrize("option", ["drain_removed", "wait"])
def test_the_time_is_over_and_what_is_left_is_cut(
    monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    remote = Director(Look(option, 1), Look(option, 1, changed=False))
    result = run(monkeypatch, remote, {option: {**GIVEN[option], "on_timeout": "continue"}})
    assert not result.get("failed")
    assert (result["timed_out"], result["waited"]) == (True, 10)
    assert result["warnings"] == [f"after 10 s there still are {LEFT}; they are cut"]
    assert remote.asked[-1][option] is None
    assert all(one[option] for one in remote.asked[:-1])
    assert result["operations"] == ["step 1", f"step {len(remote.asked)}"]
    assert (result["waiting"], result["pending"], result["connections"]) == ("", [], [])


def test_both_times_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(DRAINS, *[STILL_DRAINS] * 3, WAITS, *[STILL_WAITS] * 4)
    result = run(monkeypatch, remote, {"wait": {**WAIT, "on_timeout": "continue"}})
    assert not result.get("failed")
    assert (result["timed_out"], result["waited"]) == (True, 20)
    assert result["warnings"] == [f"after 10 s there still are {LEFT}; they are cut"] * 2
    assert (remote.asked[-1]["drain_removed"], remote.asked[-1]["wait"]) == (None, None)


def test_what_was_cut_at_the_first_barrier_is_told_after_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remote = Director(DRAINS, *[STILL_DRAINS] * 3, WAITS, DONE)
    result = run(monkeypatch, remote)
    assert (result["timed_out"], result["waited"]) == (True, 14)
    assert len(result["warnings"]) == 1


@pytest.mark.parametrize("failure", [FAILS, LOST])
def test_a_look_that_fails_is_no_end(monkeypatch: pytest.MonkeyPatch, failure: Look) -> None:
    result = run(
        monkeypatch, Director(WAITS, failure, STILL_WAITS, DONE), {"wait": {**WAIT, "timeout": 60}}
    )
    assert (result.get("failed"), result["waited"], result["timed_out"]) == (None, 12, False)
    assert result["operations"] == ["step 1", "step 4"]


def test_a_change_that_is_refused_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Director(WAITS, FAILS._replace(begun=True), DONE))
    assert (result["failed"], result["msg"]) == (True, "cannot do that")
    assert (result["operations"], result["waited"]) == (["step 1", "a half"], 4)
    assert not result["timed_out"]


@pytest.mark.parametrize("failure", [FAILS, LOST])
def test_looks_that_fail_to_the_end_are_told(
    monkeypatch: pytest.MonkeyPatch, failure: Look
) -> None:
    result = run(monkeypatch, Director(WAITS, failure))
    assert (result["failed"], result["timed_out"]) == (True, True)
    assert result["msg"].startswith(
        f"after 10 s there still are {LEFT} (and the last look failed: {failure.failure}); new"
    )
    assert (result["operations"], result["pending"]) == (["step 1"], ["the rest"])


@pytest.mark.parametrize("failure", [FAILS, LOST])
def test_a_failure_after_the_time_is_told(monkeypatch: pytest.MonkeyPatch, failure: Look) -> None:
    result = run(monkeypatch, Director(DRAINS, failure))
    assert (result["failed"], result["msg"], result["timed_out"]) == (True, failure.failure, True)
    # It says how far it came, and nothing of what it may not have done.
    assert (result["operations"], result["pending"]) == (["step 1"], ["the rest"])
    assert not result.get("warnings")


def test_a_failure_of_the_first_call_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(FAILS)
    result = run(monkeypatch, remote)
    assert (result["failed"], result["msg"]) == (True, "cannot do that")
    assert len(remote.asked) == 1


def test_a_director_that_is_not_there_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnsibleConnectionFailure, match="Connection refused"):
        run(monkeypatch, Director(LOST))


def test_check_mode_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = Director(DRAINS)
    result = run(monkeypatch, remote, check_mode=True)
    assert "waited" not in result
    assert len(remote.asked) == 1


@pytest.mark.parametrize("look", [Look("wait", 1), Look("forever", 1)])
def test_nobody_waits_for_what_nobody_has_asked_for(
    monkeypatch: pytest.MonkeyPatch, look: Look
) -> None:
    remote = Director()
    monkeypatch.setattr(
        remote,
        "answer",
        lambda _arguments: {
            **Director(DONE).answer({}),
            "waiting": look.waiting,
            "connections": [],
        },
    )
    result = run(monkeypatch, remote, {"wait": None})
    assert result["failed"]
    assert len(remote.asked) == 1


def test_a_director_that_waits_on_after_the_time_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remote = Director()
    endless = {**Director(DONE).answer({}), "waiting": "wait", "connections": [connection(1)]}
    monkeypatch.setattr(remote, "answer", lambda _arguments: endless)
    result = run(monkeypatch, remote, {"wait": {**WAIT, "on_timeout": "continue"}})
    assert (result["failed"], result["waited"]) == (True, 10)
