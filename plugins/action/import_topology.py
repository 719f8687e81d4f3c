# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn what another program is told into a declaration. Contact no host, and run nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail

from ..module_utils.importing.convert import (
    FORMATS,
    Converted,
    convert,
    source_of_file,
)
from ..module_utils.importing.declare import Options
from ..module_utils.importing.files import files_of
from ..module_utils.importing.live import read_live
from ..module_utils.importing.reading import Files
from ..module_utils.importing.source import Remarks, SourceError
from ..module_utils.importing.summary import summary
from ..module_utils.printable import printable
from ..plugin_utils.local_action import LocalAction, Result
from ..plugin_utils.screen import show


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "source": {"type": "path"},
        "format": {"type": "str", "choices": [*FORMATS]},
        "folders": {"type": "list", "elements": "path", "default": []},
        "config_id": {"type": "str", "default": ""},
        "table": {"type": "dict"},
        "director": {"type": "str", "default": ""},
        "address": {"type": "str", "default": ""},
        "managed": {"type": "bool", "default": True},
        "marks": {"type": "dict", "default": {}},
        "target": {"type": "path", "required": True},
        "force": {"type": "bool", "default": False},
    }


class ActionModule(LocalAction):
    """The action plugin."""

    _supports_check_mode = True
    spec = staticmethod(argument_spec)
    constraints: ClassVar[Result] = {"required_one_of": [("source", "table")]}

    def carry_out(self, given: Result) -> Result:
        """Read, convert, write, and tell what came of it."""
        name = given["source"] or f"director {given['director']}"
        try:
            converted = _converted(given)
        except SourceError as error:
            raise AnsibleActionFail(printable(str(error))) from error
        files = files_of(converted.declared, converted.remarks, name)
        target = Path(given["target"]).absolute()
        changed = _changed(target, files)
        existing = [path for path in changed if path.exists()]
        if existing and not given["force"]:
            listed = " and ".join(map(str, existing))
            raise AnsibleActionFail(f"{listed} would be overwritten: name another folder, or force")
        if not self._task.check_mode:
            _write(changed)
        show("\n".join(["", *map(printable, summary(converted, name, given["director"])), ""]))
        return {
            "changed": bool(changed),
            "files": [str(target / file) for file in files],
            "services": [*converted.declared.services],
            "remarks": [
                {"file": one.place.file, "line": one.place.line, "text": one.sentence}
                for one in converted.remarks
            ],
            "differences": converted.differences,
            "differences_from_table": converted.live,
        }


def _converted(given: dict[str, Any]) -> Converted:
    remarks = Remarks()
    options = Options(given["managed"], given["marks"], given["director"], given["address"])
    if given["source"]:
        folders = [str(Path(given["source"]).parent), *given["folders"]]
        source = source_of_file(
            given["source"], given["format"] or "", Files(folders), remarks, given["config_id"]
        )
    else:
        source = read_live(given["table"], given["director"], remarks)
    return convert(source, options, remarks, given["table"])


def _changed(target: Path, files: dict[str, str]) -> dict[Path, str]:
    """Return the files that are not there as they should be."""
    changed = {}
    for name, content in files.items():
        path = target / name
        try:
            same = path.read_text(encoding="utf-8") == content
        except (OSError, ValueError):
            same = False
        if not same:
            changed[path] = content
    return changed


def _write(files: dict[Path, str]) -> None:
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            raise AnsibleActionFail(f"cannot write {path}: {error.strerror}") from error
