# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The input format of what is watched, with its conversion to the model and back."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ..fields import Field, Fields, Problem, argument_spec
from ..ipvs.model import ServiceKey, Table
from ..ipvs.schema import (
    DESTINATION_KEY_FIELDS,
    SERVICE_KEY_FIELDS,
    parse_destination_key,
    parse_service_key,
    render_key,
)
from ..net.addresses import MAX_PORT, normal_address
from .kinds.table import DEFAULT, KINDS
from .model import KEEP, ON_FLOOR, RIP, THROUGH, Check, Policy, Watch

MAX_SECONDS = 3600
MAX_COUNT = 100
MAX_FLOOR = 99  # with 100 % no check would ever take anything out

CHECK_FIELDS: dict[str, Field] = {
    "check": Field("str", DEFAULT.name, tuple(KINDS)),
    "check_port": Field("int", 0, low=0, high=MAX_PORT),
    "through": Field("str", RIP, THROUGH),
    "interval": Field("float", 2.0, low=0.1, high=MAX_SECONDS),
    "timeout": Field("float", 1.0, low=0.05, high=MAX_SECONDS),
    "rise": Field("int", 2, low=1, high=MAX_COUNT),
    "fall": Field("int", 3, low=1, high=MAX_COUNT),
}
POLICY_FIELDS: dict[str, Field] = {
    "floor": Field("int", 0, low=0, high=MAX_FLOOR),
    "on_floor": Field("str", KEEP, ON_FLOOR),
    "slow_start": Field("float", 0.0, low=0, high=MAX_SECONDS),
}
KIND_FIELDS: dict[str, Field] = {
    name: field for kind in KINDS.values() for name, field in kind.fields.items()
}
_WATCH_FIELDS: dict[str, Field] = {
    "name": Field("str", ""),
    "ask_address": Field("str"),
    "ask_port": Field("int", low=0, high=MAX_PORT),  # 0 = every port: the check names its own
    "source": Field("str", ""),
}


def watches_spec() -> dict[str, Any]:
    """Return the Ansible argument spec of what is watched."""
    watch = argument_spec(SERVICE_KEY_FIELDS, _WATCH_FIELDS, CHECK_FIELDS, POLICY_FIELDS)
    # Without defaults: an option of another kind must not be there.
    options = {name: field._replace(default=None) for name, field in KIND_FIELDS.items()}
    watch.update(argument_spec(options))
    destination = argument_spec(DESTINATION_KEY_FIELDS)
    destination["address"]["required"] = True
    watch["fallback"] = {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": destination,
    }
    return {"type": "list", "elements": "dict", "default": [], "options": watch}


def parse_watches(
    items: Sequence[Mapping[str, Any]], where: str = "health"
) -> tuple[tuple[Watch, ...], list[Problem]]:
    """Parse all that is watched; return what is valid, and all problems."""
    watches: dict[ServiceKey, Watch] = {}
    problems: list[Problem] = []
    for index, item in enumerate(items):
        watch, found = _parse_watch(item, f"{where}[{index}]")
        problems += found
        if watch and watch.service in watches:
            expected = "each service only once"
            problems.append(Problem(f"{where}[{index}]", str(watch.service), expected))
        elif watch:
            watches[watch.service] = watch
    return tuple(watches.values()), problems


def problems_with(watches: Sequence[Watch], table: Table) -> list[Problem]:
    """Return what is watched and is not in the table."""
    problems = []
    for watch in watches:
        where = f"health of service {watch.name or watch.service}"
        if watch.service not in table:
            problems.append(Problem(where, str(watch.service), "a service of the table"))
            continue
        there = table[watch.service].destinations
        problems += [
            Problem(f"{where}: fallback", str(key), "a destination of the service")
            for key in watch.fallback
            if key not in there
        ]
    return problems


def parse_check(item: Mapping[str, Any], where: str) -> tuple[Check, Policy, list[Problem]]:
    """Parse how real servers are tried, and what follows; valid only without problems."""
    fields = Fields(item, where)
    values = fields.read({**CHECK_FIELDS, **POLICY_FIELDS})
    kind = KINDS[values["check"]]
    options = fields.read(kind.fields)
    problems = fields.problems
    for name in KIND_FIELDS:
        is_meant = name in kind.fields or "check" in fields.bad
        if item.get(name) is not None and not is_meant:
            having = " and ".join(one.name for one in KINDS.values() if name in one.fields)
            problems.append(fields.problem(name, f"nothing: only {having} has it"))
    if not problems:
        problems += [fields.problem(name, expected) for name, expected in kind.misfits(options)]
    if values["timeout"] > values["interval"]:
        expected = f"at most the interval, {values['interval']}"
        problems.append(Problem(f"{where}.timeout", values["timeout"], expected))
    check = Check(
        kind.name,
        values["check_port"],
        values["through"],
        float(values["interval"]),
        float(values["timeout"]),
        values["rise"],
        values["fall"],
        tuple(sorted((name, _hashable(value)) for name, value in options.items())),
    )
    policy = Policy(values["floor"], values["on_floor"], float(values["slow_start"]))
    return check, policy, problems


def render_watches(watches: Sequence[Watch]) -> list[dict[str, Any]]:
    """Return the input format of what is watched."""
    return [_render_watch(watch) for watch in watches]


def _parse_watch(item: Mapping[str, Any], where: str) -> tuple[Watch | None, list[Problem]]:
    key, problems = parse_service_key(item, where)
    fields = Fields(item, where)
    values = fields.read(_WATCH_FIELDS)
    for name in ("ask_address", "source"):
        if values[name] and normal_address(values[name]) is None:
            fields.problems.append(fields.problem(name, "an IPv4 or IPv6 address"))
    check, policy, found = parse_check(item, where)
    problems = [*problems, *fields.problems, *found]
    fallback = []
    for index, one in enumerate(item.get("fallback") or []):
        destination, found = parse_destination_key(one, f"{where}.fallback[{index}]", key)
        problems += found
        fallback += [destination] if destination else []
    if problems or key is None:
        return None, problems
    watch = Watch(
        key,
        values["name"] or "",
        normal_address(values["ask_address"] or key.address) or "",
        values["ask_port"] or key.port,
        check,
        policy,
        normal_address(values["source"] or "") or "",
        tuple(fallback),
    )
    return watch, []


def _render_watch(watch: Watch) -> dict[str, Any]:
    check, policy = watch.check, watch.policy
    item: dict[str, Any] = {
        **render_key(watch.service),
        "name": watch.name,
        "ask_address": watch.address,
        "ask_port": watch.port,
        "check": check.kind,
        "check_port": check.port,
        **{
            name: getattr(check, name)
            for name in ("through", "interval", "timeout", "rise", "fall")
        },
        **policy._asdict(),
        **{name: _plain(value) for name, value in check.options},
    }
    if watch.source:
        item["source"] = watch.source
    if watch.fallback:
        item["fallback"] = [key._asdict() for key in watch.fallback]
    return item


def _hashable(value: Any) -> Any:  # noqa: ANN401 - of any option
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:  # noqa: ANN401 - of any option
    return list(value) if isinstance(value, tuple) else value
