# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard and the rules for alerts ask for metrics and labels that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils.metrics.families import FAMILIES, Family

FOLDER = Path(__file__).resolve().parents[2] / "docs/metrics"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
OF_PROMETHEUS = {"instance", "job"}  # which it gives every series
ALERT_LABELS = {*OF_PROMETHEUS, "severity"}


def problems(query: str, shown: str = "") -> Iterator[str]:
    """What of a query, and of the text that is shown with it, there is not."""
    names = re.findall(r"\blvs_\w+", query)
    known = [FAMILIES[name] for name in names if name in FAMILIES]
    yield from (f"no metric {name}" for name in names if name not in FAMILIES)
    for name, matchers in re.findall(r"\b(lvs_\w+)\{([^}]*)\}", query):
        family = FAMILIES.get(name, Family(name, ""))
        for label in re.findall(r"(\w+) *(?:=~|!~|!=|=)", matchers):
            if label not in {*family.labels, *OF_PROMETHEUS}:
                yield f"no label {label} of {name}"
    labels = {label for family in known for label in family.labels} | ALERT_LABELS
    of_query = [one for found in re.findall(r"\bby \(([^)]*)\)", query) for one in found.split(",")]
    in_text = re.findall(r"\{\{ *(?:with )?(?:\$labels\.)?([a-z]\w+) *\}\}", shown)
    for label in (*map(str.strip, of_query), *in_text):
        if label not in labels and label != "end":
            yield f"no label {label}"


def test_queries_of_the_dashboard() -> None:
    targets = [
        (panel["title"], target)
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ]
    found = [
        f"{title}: {problem}"
        for title, target in targets
        for problem in problems(target["expr"], target["legendFormat"])
    ]
    assert found == []
    assert len(targets) > 20
    assert all("lvs_" in target["expr"] for _title, target in targets)


def test_variables_of_the_dashboard() -> None:
    queries = [one["query"] for one in DASHBOARD["templating"]["list"]]
    for query in queries[1:]:
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query["query"]).groups()  # type: ignore[union-attr]
        assert [*problems(f"sum by ({label}) ({series})")] == []


def test_panels_do_not_lie_over_each_other() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len({*cells})
    assert all(0 <= x < 24 for x, _y in cells)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_rules_for_alerts(rule: dict[str, Any]) -> None:
    assert [*problems(rule["expr"], " ".join(rule["annotations"].values()))] == []
    tried = (FOLDER.parents[1] / "tests/checks/alerts.yml").read_text()
    assert len(re.findall(rf"alertname: {rule['alert']}\b", tried)) >= 2  # silent, and not


@pytest.mark.parametrize(
    ("query", "shown", "found"),
    [
        ("lvs_service_weights", "", ["no metric lvs_service_weights"]),
        ('lvs_drift_changes{service="web"}', "", ["no label service of lvs_drift_changes"]),
        ("sum by (vips) (lvs_service_weight)", "", ["no label vips"]),
        ("lvs_drift_changes", "{{vip}}", ["no label vip"]),
        ("lvs_drift_changes", "{{ with $labels.vip }}x{{ end }}", ["no label vip"]),
        ('lvs_service_weight{service=~"$service"}', "{{vip}} {{instance}}", []),
    ],
)
def test_what_is_found(query: str, shown: str, found: list[str]) -> None:
    assert [*problems(query, shown)] == found
