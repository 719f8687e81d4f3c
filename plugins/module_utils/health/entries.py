# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A file of entries with a version: the form of what the health daemon keeps."""

from __future__ import annotations

import json
from typing import Any, Callable, Mapping, Sequence, TypeVar

VERSION = 1

Key = TypeVar("Key")
Value = TypeVar("Value")


def dump(name: str, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the file's content."""
    return (json.dumps({"version": VERSION, name: entries}, indent=1) + "\n").encode()


def load(
    content: bytes, name: str, read: Callable[[Mapping[str, Any]], tuple[Key, Value]]
) -> dict[Key, Value]:
    """Read the file's content; raises ValueError where it is damaged."""
    try:
        data = json.loads(content)
        if data["version"] != VERSION:
            msg = f"version {data['version']}"
            raise ValueError(msg)
        return dict(read(entry) for entry in data[name])
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
