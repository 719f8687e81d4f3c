# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page says is done word for word; a page with a mistake in it is found out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from scenario.errors import ScenarioError
from scenario.guide import Command, File, follow, read, shows

ROOT = Path(__file__).resolve().parents[3]
PAGE = """\
# A page

## Write

Save this as a file `hosts.yml`:

```yaml
all: {}
```

and a file `vars/all.yml` beside it:

```yaml
a: 1   # one
```

## Look

```console
ls hosts.yml vars
cat vars/all.yml   # shows it
```

It shows:

```text
a: ...   # one
```

```mermaid
flowchart LR
```
"""


def test_a_page_is_read() -> None:
    assert read(PAGE) == [
        File("Write", "hosts.yml", "all: {}\n"),
        File("Write", "vars/all.yml", "a: 1   # one\n"),
        Command("Look", "ls hosts.yml vars"),
        Command("Look", "cat vars/all.yml   # shows it", ("a: ...   # one",)),
    ]


def done(page: str, folder: Path) -> list[tuple[str, str]]:
    return [*follow(read(page), folder, {"PATH": os.environ["PATH"]})]


def test_a_page_is_followed(tmp_path: Path) -> None:
    assert done(PAGE, tmp_path) == [
        ("ls hosts.yml vars", "hosts.yml\n\nvars:\nall.yml\n"),
        ("cat vars/all.yml", "a: 1   # one\n"),
    ]


@pytest.mark.parametrize(
    ("said", "wrong", "told"),
    [
        ("cat vars", "cta vars", "cta vars/all.yml   # shows it: ended with 127"),
        ("cat vars/all.yml", "cat all.yml", "cat all.yml   # shows it: ended with 1"),
        ("file `hosts.yml`", "file `host.yml`", "ls hosts.yml vars: ended with 2"),
        ("a: 1", "b: 1", "does not show\na: ...   # one"),
        ("a: ...", "a: 2", "does not show\na: 2   # one"),
        ("file `hosts.yml`", "file", "Write: no file name before a block of YAML"),
        ("```console\n", "```shell\n", "Look: a block of shell"),
        ("```mermaid\n", "```text\n", "Look: output of no command"),
    ],
)
def test_a_mistake_is_found(said: str, wrong: str, told: str, tmp_path: Path) -> None:
    assert said in PAGE
    with pytest.raises(ScenarioError) as raised:
        done(PAGE.replace(said, wrong), tmp_path)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("shown", "is_there"),
    [
        ("", True),
        ("a\nb", True),
        ("a\n...\nd", True),
        ("b c ... f\nd", True),
        ("b", True),
        ("a\nd", False),
        ("d\n...\na", False),
        ("c", False),
        ("e", False),
    ],
)
def test_lines_are_there_in_their_order(shown: str, *, is_there: bool) -> None:
    assert shows("a\nb\nb c  d e f  \nd\n", shown.splitlines()) is is_there


def test_the_quick_start_is_a_page_to_follow() -> None:
    steps = read((ROOT / "docs/quick-start.md").read_text())
    files = [one.name for one in steps if isinstance(one, File)]
    assert files == ["hosts.yml", "group_vars/all.yml"]
    assert any(isinstance(one, Command) for one in steps)
