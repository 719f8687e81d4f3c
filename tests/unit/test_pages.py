# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example in a page is one that works: declarations compile, commands name what exists."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lvs.topology.plugins.module_utils.topology.compile import (
    Compiled,
    compile_topology,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    argument_spec,
)
from ansible_collections.lvs.topology.tests.steps import STEPS
from ansible_collections.lvs.topology.tests.unit.test_examples import Example, arguments

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for pattern in ("*.md", "docs/*.md", "examples/*.md", "roles/*/*.md", "molecule/*.md")
    for path in sorted(ROOT.glob(pattern))
]
PREFIX = "topology_"
OF_HOSTS = ("rip", "dip", "lips", "accept")
# Groups and hosts of the declarations in the pages that bring no inventory.
INVENTORY = {
    "all": ["director", "web1", "web2", "web3", "web9", "far1"],
    "lvs_directors": ["director"],
    "lvs_real_servers": ["director", "web1", "web2", "web3", "web9", "far1"],
    "webservers": ["web1", "web2"],
}
# What a declaration alone cannot tell.
NEEDS_FACTS = ("host.facts",)
PROGRAMS = {
    "ansible-doc",
    "ansible-galaxy",
    "ansible-playbook",
    "antsibull-changelog",
    "curl",
    "demo",
    "export",
    "lab",
    "make",
    "molecule",
    "systemctl",
}
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
ROLES = {path.name for path in (ROOT / "roles").iterdir()}
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """Name and text of each block of a kind, in all pages."""
    for page in PAGES:
        text = re.sub(r"^ +(?=```)", "", page.read_text(), flags=re.MULTILINE)
        found = re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for number, one in enumerate(found, 1):
            yield f"{page.relative_to(ROOT)}-{number}", one


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command in a page, and its words."""
    for name, block in blocks("console"):
        for line in block.splitlines():
            if words := shlex.split(line, comments=True):
                yield name, words


YAML_BLOCKS = dict(blocks("yaml"))
DECLARATIONS = {name: text for name, text in YAML_BLOCKS.items() if "topology_" in text}
COMMANDS = [pytest.param(words, id=f"{name} {' '.join(words)}") for name, words in commands()]


def test_there_are_examples() -> None:
    assert len(DECLARATIONS) > 5
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("name", YAML_BLOCKS)
def test_a_block_is_yaml(name: str) -> None:
    assert yaml.safe_load(re.sub(r"(, )?\.\.\.", "", YAML_BLOCKS[name]))


def violations_of(declared: dict[str, Any]) -> list[str]:
    """What the compiler has against a declaration, beside what only hosts can tell."""
    known = {key.removeprefix(PREFIX): value for key, value in declared.items()}
    for name in OF_HOSTS:
        known.pop(name, None)
    empty = {"services": {}, "facts": {}, "groups": INVENTORY}
    validated = ArgumentSpecValidator(argument_spec()).validate({**empty, **known})
    if validated.error_messages:
        return [*map(str, validated.error_messages)]
    given = validated.validated_parameters
    compiled = compile_topology(given["services"], given["groups"], given["facts"], given)
    return [one.message for one in compiled.violations if one.id not in NEEDS_FACTS]


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_declaration_has_no_violation(name: str, tmp_path: Path) -> None:
    declared = yaml.safe_load(DECLARATIONS[name])
    if "all" not in declared:
        assert violations_of(declared) == []
        return
    file = tmp_path / "inventory.yml"
    file.write_text(DECLARATIONS[name])
    assert compiled_from(file).violations == []


def compiled_from(inventory: Path) -> Compiled:
    """Compile a whole inventory, whose hosts are on one network with a router."""
    read = arguments(inventory, Example("dr"))
    given = ArgumentSpecValidator(argument_spec()).validate(read).validated_parameters
    compiled = compile_topology(given["services"], given["groups"], given["facts"], given)
    assert compiled.nodes or compiled.violations
    return compiled


def test_the_first_service_is_that_of_the_quick_start(tmp_path: Path) -> None:
    """The scenario quick_start follows that page, and so shows that both work."""
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "hosts.yml").write_text(YAML_BLOCKS["docs/quick-start.md-1"])
    (tmp_path / "group_vars/all.yml").write_text(YAML_BLOCKS["docs/quick-start.md-2"])
    (tmp_path / "readme").mkdir()
    (tmp_path / "readme/lvs.yml").write_text(YAML_BLOCKS["README.md-1"])
    quick_start = compiled_from(tmp_path / "hosts.yml")
    assert quick_start.violations == []
    assert compiled_from(tmp_path / "readme/lvs.yml") == quick_start


def test_a_bad_declaration_is_found() -> None:
    assert violations_of({"topology_services": {"web": {"mode": "ndr"}}})
    assert violations_of({"topology_no_such_thing": 1})


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_names_what_exists(words: list[str]) -> None:
    assert missing(words) == []


def missing(words: list[str]) -> list[str]:
    """What a command names and nobody has."""
    program = Path(words[0].lstrip("$")).name
    if program not in PROGRAMS:
        return [program]
    if program == "make":
        return [word for word in words[1:] if not is_target(word)]
    if program == "ansible-doc":
        names = [word for word in words[1:] if word.startswith("lvs.topology.")]
        return [word for word in names if word.rpartition(".")[2] not in MODULES | ROLES]
    if program == "ansible-galaxy":
        return [] if words[1] == "collection" and words[2] in ("build", "install") else words[1:]
    if program == "ansible-playbook":
        return [*missing_of_playbook(words[1:])]
    return []


def is_target(word: str) -> bool:
    """Tell whether the Makefile has a target."""
    if word.startswith("step-"):
        return word == "step-NAME" or word[5:] in {step.name for step in STEPS}
    return bool(re.search(rf"^{word}:", (ROOT / "Makefile").read_text(), re.MULTILINE))


def missing_of_playbook(words: list[str]) -> Iterator[str]:
    playbooks = [word for word in words if word.startswith("lvs.topology.")]
    if not playbooks:
        yield "a playbook"
    for name in playbooks:
        stem = name.removeprefix("lvs.topology.")
        if stem not in PLAYBOOKS:
            yield name
            return
        yield from (key for key in variables(words) if not is_variable(key, stem))


def variables(words: list[str]) -> Iterator[str]:
    """The variables that a command sets."""
    for option, given in itertools.pairwise(words):
        if option == "-e":
            yield given.partition("=")[0]


def is_variable(key: str, playbook: str) -> bool:
    """Tell whether a playbook, one that it imports, or one of its roles has a variable."""
    files = [ROOT / f"playbooks/{playbook}.yml", *ROOT.glob("roles/*/meta/argument_specs.yml")]
    files += [ROOT / f"playbooks/{name}.yml" for name in ("validate", "site")]
    return any(re.search(rf"\b{key}\b", file.read_text()) for file in files)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_make_has_the_targets_that_a_page_names(page: Path) -> None:
    named = re.findall(r"`make ((?:[a-z][\w.-]*(?: |(?=`)))+)`", page.read_text())
    assert [word for words in named for word in words.split() if not is_target(word)] == []


def test_what_is_missing_is_found() -> None:
    assert missing(["ansible-playbook", "lvs.topology.no"]) == ["lvs.topology.no"]
    assert missing(["ansible-playbook", "lvs.topology.site", "-e", "no_such=1"]) == ["no_such"]
    assert missing(["make", "no-such"]) == ["no-such"]
    assert missing(["ansible-doc", "lvs.topology.no"]) == ["lvs.topology.no"]
    assert missing(["rm", "-rf", "/"]) == ["rm"]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_names_of_the_collection_exist(page: Path) -> None:
    named = {*re.findall(r"lvs\.topology\.([a-z_]+)", page.read_text())}
    assert named <= MODULES | ROLES | PLAYBOOKS | {"git"}


ROWS = [
    row
    for row in (ROOT / "docs/troubleshooting.md").read_text().splitlines()
    if row.startswith("| ") and not row.startswith(("| ---", "| what you see"))
]


@pytest.mark.parametrize("row", ROWS)
def test_a_symptom_has_a_test_and_names_findings_that_exist(row: str) -> None:
    *_before, named, _fix, tested, _end = re.split(r"(?<!\\)\|", row)
    findings = {*re.findall(r"`(verify\.[a-z]+)`", (ROOT / "docs/verify.md").read_text())}
    known = findings | {*re.findall(r'<a id="([a-z.-]+)">', (ROOT / "docs/checks.md").read_text())}
    assert {*re.findall(r"`([a-z-]+\.[a-z-]+)`", named)} <= known
    links = re.findall(r"\]\(\S+/(?:molecule|tests)/\S+\)", tested)
    assert links or tested.strip() == "not tried"


@pytest.mark.parametrize("file", sorted((ROOT / "docs/images").glob("*.svg")), ids=lambda f: f.name)
def test_a_drawing_is_whole_and_in_a_page(file: Path) -> None:
    text = file.read_text()
    picture = ET.fromstring(text)  # noqa: S314 - our own file
    _x, _y, width, height = map(float, picture.attrib["viewBox"].split())
    for element in picture.iter():
        assert 0 <= float(element.get("x", "0")) <= width
        assert 0 <= float(element.get("y", "0")) <= height
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert any(f"images/{file.name}" in page.read_text() for page in PAGES)


def test_the_index_has_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text()
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}


def test_the_readme_names_all_that_is_in_the_collection() -> None:
    readme = (ROOT / "README.md").read_text()
    for folder, pattern in (("plugins/modules", "*.py"), ("playbooks", "*.yml"), ("roles", "*/")):
        for file in (ROOT / folder).glob(pattern):
            assert file.name == "__init__.py" or f"`{file.stem}`" in readme, file
