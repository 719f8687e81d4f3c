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


def load(digest: bytes) -> CodeType | None:
    """Return the code of a source with this hash, if it is kept."""
    try:
        with open(f"{HOME}/{digest.hex()}", "rb") as file:
            code: CodeType = marshal.load(file)
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return code


def compile_once(path: str, source: bytes) -> CodeType:
    """Return the code of a source, and keep it; in place of zipimport's function."""
    digest = _imp.source_hash(0, source)
    code = load(digest)
    if code is None:
        code = _compile_source(path, source)
        _keep(f"{HOME}/{digest.hex()}", code)
    return code


def _keep(kept: str, code: CodeType) -> None:
    part = f"{kept}.{os.urandom(8).hex()}"
    try:
        with open(part, "wb") as file:
            marshal.dump(code, file)
        os.replace(part, kept)
    except OSError:
        pass  # a node without the directory works on without it


vars(zipimport)[NAME] = compile_once
