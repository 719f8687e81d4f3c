# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived's lines stand for: keepalived.conf(5), "ADVANCED CONFIGURATION"."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.importing.keepalived import lines
from ansible_collections.lvs.topology.plugins.module_utils.importing.keepalived.blocks import (
    Statement,
    read_blocks,
)
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import (
    Remarks,
    SourceError,
)

from .sampled import Memory

# Each is twice the one before it.
DOUBLED = "".join(f"$V{n}=${{V{n - 1}}}${{V{n - 1}}}\n" for n in range(1, 40))


def read(text: str, config_id: str = "", **files: str) -> list[str]:
    remarks = Remarks()
    found = lines.Lines(Memory({"main": text, **files}), remarks, config_id).read("main")
    return [" ".join(line.text.split()) for line in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a # b\n! c\n\n  d!e", ["a", "d"]),
        ('path "/a#b!c" # d', ['path "/a#b!c"']),
        ("hash ${_HASH}1 ${_BANG}", ["hash #1 !"]),
        ("@lb1 a\n@lb2 b\n@^lb1 c\n@^lb2 d", ["a", "d"]),
        ("$A=10.2.${B}\n$B=0\n${A}.1\n$B=10\n${A}.1", ["10.2.0.1", "10.2.10.1"]),
        ("$P=5\npriority $P\ncost $5 $UNKNOWN ${X}", ["priority 5", "cost $5 $UNKNOWN ${X}"]),
        ("$E=\na $E b", ["a b"]),
        (
            "$B= \\\n one \\\n\n two \\\n ${N}\n$N=3\n$B\n$N=4\n$B",
            ["one", "two", "3", "one", "two", "4"],
        ),
        ("$I=@lb1\n$I priority 240\n@lb2 $P=1\n@lb1 $P=2\np $P", ["priority 240", "p 2"]),
        ("~SEQ(N, 0, 2) a${N}", ["a0", "a1", "a2"]),
        ("~SEQ(N, 2) a${N}", ["a1", "a2"]),
        ("~SEQ(N, 5, -2, 1) a${N}", ["a5", "a3", "a1"]),
        ("~SEQx(N, 0x90, 0x10, 0xb0) a${N}", ["a90", "aa0", "ab0"]),
        ("~LST({A, B}, {1,2},{3,4}) ${A}.${B}", ["1.2", "3.4"]),
        ("~LST(A, 1, 2) ~SEQ(B, 5, 6) ${A}.${B}", ["1.5", "1.6", "2.5", "2.6"]),
        ("a\ninclude more\nb", ["a", "x", "y", "b"]),
        ("include ${_PWD}/mo*", ["x", "y"]),
        ("@lb1 include more", ["include more"]),
        ("script ${_PWD}/a.sh ${_INSTANCE}", ["script /etc/keepalived/a.sh lb1"]),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    assert read(text, "lb1", more="x\ny") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n$A=x${A}\n${A}", "main:3: a variable that contains itself"),
        ("$A=\\\n$A\n\n$A", "main:4: a variable that contains itself"),
        ("$A=xxxxxxxxxx\n" + "$A=${A}${A}\n" * 3 + "${A}", "main:5: "),
        (
            "".join(f"$V{n}=${{V{n - 1}}}${{V{n - 1}}}\n" for n in range(1, 40)) + "$V0=xx\n${V39}",
            "main:41: ",
        ),
        ("~SEQ(A,1,99) ~SEQ(B,1,99) ~SEQ(C,1,99) x", "too many lines"),
        ("~SEQ(A,0,999999999) x", "main:1: the sequence"),
        ("~SEQ(A,1,0,2) x", "has no end"),
        ("~SEQ(A,b,c) x", "got 'b', expected a number"),
        ("~SEQ(1,2) x", "expected (var, start, step, end)"),
        ("~LST(A) x", "expected (var, value, ...)"),
        ("~LST({A,B},{1}) x", "as many values as variables"),
        ("include main", "main:1: main includes itself"),
        ("include more", "more:1: main includes itself"),
        ("a" * 70000, "main:1: it stands for more than"),
    ],
)
def test_hostile_lines(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINES", 1000)
    with pytest.raises(SourceError) as error:
        read(text, more="include main")
    assert message in str(error.value)


def words(statements: list[Statement]) -> list[object]:
    return [[*one.words, words(one.inside)] if one.inside else [*one.words] for one in statements]


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("a {\n b c\n}\nd", [["a", [["b", "c"]]], ["d"]]),
        ("a{ b { c } }", [["a", [["b", [["c"]]]]]]),
        ("a\n{\n b\n}", [["a", [["b"]]]]),
        ('a "b c" \'d "e\' f"g h"i ""', [["a", "b c", 'd "e', "fg hi", ""]]),
        ('regex "a{2}\\"b" x{3}', [["regex", 'a{2}"b', "x{3}"]]),
        ("a {\n}\n}\nb", [["a"], ["b"]]),
    ],
)
def test_blocks(text: str, statements: list[object]) -> None:
    remarks = Remarks()
    found = lines.Lines(Memory({"main": text}), remarks, "").read("main")
    assert words(read_blocks(found, remarks)) == statements


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {\nb {\n}\n", "main:1: the block a is never closed"),
        ("\n{", "main:2: a { without a word before it"),
        ("a {\n" * 20, "main:17: more than 16 blocks in each other"),
    ],
)
def test_hostile_blocks(text: str, message: str) -> None:
    remarks = Remarks()
    with pytest.raises(SourceError) as error:
        read_blocks(lines.Lines(Memory({"main": text}), remarks, "").read("main"), remarks)
    assert str(error.value).startswith(message)
