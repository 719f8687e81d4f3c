# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of our own, and files that are in memory alone."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path, PurePath

from ansible_collections.lvs.topology.plugins.module_utils.importing.convert import (
    Converted,
    convert,
    source_of_file,
)
from ansible_collections.lvs.topology.plugins.module_utils.importing.declare import Options
from ansible_collections.lvs.topology.plugins.module_utils.importing.reading import Files
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import (
    Line,
    Place,
    Remarks,
    SourceError,
)

SAMPLE = Path(__file__).parent / "sample"
KEEPALIVED, LDIRECTORD, RULES = "keepalived.conf", "ldirectord.cf", "ipvsadm.rules"


class Memory:
    """Reads files by their names."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def lines(self, path: str, place: Place | None = None) -> list[Line]:
        if path not in self.files:
            raise SourceError(place or Place(path), f"cannot read {path}")
        texts = self.files[path].split("\n")
        return [Line(Place(path, number), text) for number, text in enumerate(texts, 1)]

    def matching(self, pattern: str, beside: str) -> tuple[list[str], list[str]]:
        whole = str(PurePath(beside).parent / pattern)
        return [name for name in self.files if fnmatch.fnmatch(name, whole)], []


def sample(name: str, options: Options | None = None, config_id: str = "") -> Converted:
    """Import one of the sample files."""
    remarks = Remarks()
    path = SAMPLE / name
    source = source_of_file(str(path), "", Files([str(SAMPLE)]), remarks, config_id)
    return convert(source, options or Options(), remarks)


def imported(text: str, options: Options | None = None, **files: str) -> Converted:
    """Import a text, as a file that is called main; others are included by their names."""
    remarks = Remarks()
    source = source_of_file("main", "", Memory({"main": text, **files}), remarks)
    return convert(source, options or Options(), remarks)


def said(converted: Converted) -> list[str]:
    """Return the remarks, each with its line."""
    return [f"{one.place}: {one.sentence}" for one in converted.remarks]
