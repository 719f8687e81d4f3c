# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the byte code of what Python compiles out of zip archives, where it has no place for it.

Ansible sends each module as a zip archive. Under emulation, compiling it is most of a task.
"""

from __future__ import annotations

import _imp
import marshal
import os
import zipimport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

HOME = "/var/cache/lab-bytecode"  # one directory of the machine, for all of its nodes
NAME = "_compile_source"

_compile_source: Callable[[str, bytes], CodeType] = vars(zipimport)[NAME]


def _compile_once(path: str, source: bytes) -> CodeType:
    kept = f"{HOME}/{_imp.source_hash(0, source).hex()}"
    try:
        with open(kept, "rb") as file:
            code: CodeType = marshal.load(file)
    except (OSError, EOFError, ValueError, TypeError):
        code = _compile_source(path, source)
        _keep(kept, code)
    return code


def _keep(kept: str, code: CodeType) -> None:
    part = f"{kept}.{os.urandom(8).hex()}"
    try:
        with open(part, "wb") as file:
            marshal.dump(code, file)
        os.replace(part, kept)
    except OSError:
        pass  # a node without the directory works on without it


vars(zipimport)[NAME] = _compile_once
