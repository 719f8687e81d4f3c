# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what repeats the schema and the layers, or (with ``--check``) says what is not fresh.

From ``declaration/schema.py`` and the keys of each mode: the specification and defaults of role
topology, the options in the documentation of compile_topology, and the tables of
docs/declaration.md. From ``test_layers.py`` and the docstrings of packages: the drawing and the
table of docs/architecture.md. From ``metrics/families.py``: the table of docs/metrics.md. From
playbooks/inventory: the picture of docs/verify.md and the README. In files
that are only partly generated, the part is between two marks.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.table import KINDS
from ansible_collections.lvs.topology.plugins.module_utils.metrics.families import (
    FAMILIES,
    SERVICE_LABELS,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.health import (
    parse_defaults,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.inventory import (
    parse_inventory,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.key import Key
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.parser import (
    parse_services,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    HEALTH_KEYS,
    OPTIONS,
    PLAYBOOK_VARIABLES,
    SERVER_KEYS,
    SERVICE_KEYS,
    Option,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES, SHAPES
from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import report
from ansible_collections.lvs.topology.plugins.module_utils.verify.diagram import sketch
from ansible_collections.lvs.topology.plugins.module_utils.verify.layout import arrange
from ansible_collections.lvs.topology.plugins.module_utils.verify.svg import draw
from ansible_collections.lvs.topology.tests.unit.test_layers import IO, LAYERS

ROOT = Path(__file__).resolve().parents[2]

_WIDTH = 100
_MADE = "Made by `make reference` from plugins/module_utils/topology/declaration/schema.py."


def of_modes(kind: str) -> dict[str, tuple[Key, list[str]]]:
    """The keys that modes add for a service or a server, and which modes do."""
    found: dict[str, tuple[Key, list[str]]] = {}
    for mode in MODES.values():
        for name, key in getattr(mode.shape, f"{kind}_keys").items():
            found.setdefault(name, (key, []))[1].append(mode.name)
            if found[name][0] != key:
                raise SystemExit(f"{name} is another key in {mode.name} than in {found[name][1]}")
    return found


# --- YAML of Ansible's own ---


def scalar(text: str, indent: int, first: int) -> str:
    """A text as a YAML scalar that is folded over lines; the first one begins further right."""
    plain = text if re.match(r"[\w(/{]", text) and not re.search(r": | #|^\{|:$", text) else ""
    shown = plain or json.dumps(text, ensure_ascii=False)
    lines = textwrap.wrap(
        shown,
        _WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).lstrip(" ")


def value(plain: object) -> str:
    """A value on one line."""
    text = yaml.safe_dump(plain, default_flow_style=True, width=10**6).strip()
    return text.removesuffix("...").strip().replace("'", '"')


def described(paragraphs: list[str], indent: int) -> Iterator[str]:
    """The description, which is a text or a list of them."""
    spaces = " " * indent
    if len(paragraphs) == 1:
        name = f"{spaces}description: "
        yield name + scalar(paragraphs[0], indent + 2, len(name))
        return
    yield f"{spaces}description:"
    for one in paragraphs:
        yield f"{spaces}  - " + scalar(one, indent + 4, indent + 4)


def option_lines(
    name: str, key: Key, paragraphs: list[str], indent: int, *, nested: str, rename: Rename
) -> Iterator[str]:
    """An option of a module or role."""
    spaces = " " * (indent + 2)
    yield f"{' ' * indent}{name}:"
    yield from described(paragraphs, indent + 2)
    spec = key.spec()
    yield f"{spaces}type: {spec['type']}"
    for attribute in ("elements", "required", "default", "choices"):
        if attribute in spec:
            yield f"{spaces}{attribute}: {value(spec[attribute])}"
    if "options" in spec:
        yield f"{spaces}{nested}:"
        for inner, its in key.keys.items():
            yield from option_lines(
                inner, its, texts(its, rename), indent + 4, nested=nested, rename=rename
            )


Rename = Callable[[str], str]


def texts(key: Key, rename: Rename) -> list[str]:
    """The paragraphs of a key, with the range of a number, and options by their names here."""
    first, *more = (_renamed(one, rename) for one in key.text.split("\n"))
    return [first + (f" From {key.low} to {key.high}." if key.high else ""), *more]


def _renamed(text: str, rename: Rename) -> str:
    return re.sub(r"\bO\((\w+)\)", lambda found: f"O({rename(found[1])})", text)


def of_module(option: str) -> str:
    """An option's name in the module."""
    return option


def of_role(option: str) -> str:
    """An option's name in the role."""
    return OPTIONS[option].variable


def module_options() -> list[str]:
    """The options of compile_topology."""
    lines = ["options:"]
    for name, option in OPTIONS.items():
        paragraphs = texts(option.key, of_module)
        if option.of:
            paragraphs[0] = f"{option.of.capitalize()} → {_lowered(paragraphs[0])}"
        if name == "services":
            paragraphs.append("For their keys see the role P(lvs.topology.topology#role).")
        lines += option_lines(
            name, option.key, paragraphs, 2, nested="suboptions", rename=of_module
        )
    return lines


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def role_specification() -> list[str]:
    """The options of role topology."""
    lines = ["    options:"]
    for name, option in OPTIONS.items():
        if option.variable:
            key = option.key
            paragraphs = texts(key, of_role)
            if option.of:
                key = Key(key.text, "raw")
                paragraphs[0] = f"Host variable of a {option.of}. {paragraphs[0]}"
            if option.otherwise:
                paragraphs.append(f"By default {option.otherwise}.")
            if option.set_by:
                paragraphs.append(f"Set by {option.set_by}.")
            if name == "services":
                paragraphs += service_keys()
            # An empty dict stands for one that is not given, so that no key in it is required.
            inner = {name: one._replace(required=False) for name, one in key.keys.items()}
            if isinstance(option.role_default, Mapping):
                key = key._replace(default=option.role_default)
            lines += option_lines(
                option.variable,
                key._replace(keys=inner),
                paragraphs,
                6,
                nested="options",
                rename=of_role,
            )
    return lines


def role_defaults() -> list[str]:
    """The defaults of role topology."""
    lines = []
    for option in OPTIONS.values():
        default = option.key.default if option.role_default is None else option.role_default
        if option.variable and not option.of and default is not None:
            plain = option.key._replace(default=default).plain_default()
            shown = json.dumps(plain) if isinstance(plain, str) and "{" in plain else value(plain)
            lines.append(f"{option.variable}: {shown}")
    return lines


def service_keys() -> Iterator[str]:
    """A paragraph for each key of a service, and of its real servers."""
    for name, key, modes in rows(SERVICE_KEYS, "service"):
        yield f"C({name}){_with(modes)} - {_facts(key)}"
    for name, key, modes in rows(SERVER_KEYS, "server"):
        yield f"In C(real_servers), C({name}){_with(modes)} - {_facts(key)}"
    for name, key in HEALTH_KEYS.items():
        checks = _kinds(name)
        of = " (" + " and ".join(f"C(check={one})" for one in checks) + ")" if checks else ""
        yield f"In C(health), C({name}){of} - {_facts(key)}"


def _kinds(name: str) -> list[str]:
    """The kinds of checks that have an option; none: all."""
    return [kind.name for kind in KINDS.values() if name in kind.fields]


def rows(keys: Mapping[str, Key], kind: str) -> Iterator[tuple[str, Key, list[str]]]:
    """Every key, and the modes that have it; none: all."""
    for name, key in keys.items():
        yield name, key._replace(choices=_modes(kind)) if name == "mode" else key, []
    for name, (key, modes) in of_modes(kind).items():
        yield name, key, modes


def _modes(kind: str) -> tuple[str, ...]:
    """The modes of a service, or of a real server in a service of another one."""
    return tuple(name for name, shape in SHAPES.items() if kind == "service" or shape.beside)


def _with(modes: list[str]) -> str:
    return " (" + " and ".join(f"C(mode={mode})" for mode in modes) + ")" if modes else ""


def _facts(key: Key) -> str:
    """What a key means, and what it may hold, in one paragraph."""
    parts = [key.text.replace("\n", " ")]
    if key.choices:
        start = "Some" if key.kind == "list" else "One"
        parts.append(f"{start} of {', '.join(f'V({one})' for one in key.choices)}.")
    if key.high:
        parts.append(f"From {key.low} to {key.high}.")
    if key.required:
        parts.append("Required.")
    if key.default not in (None, ()):
        parts.append(f"Default is V({value(key.plain_default())}).")
    return " ".join(parts)


# --- Markdown ---


def markdown(text: str) -> str:
    """Ansible's markup as Markdown."""
    text = text.replace("\n", " ").replace(" - ", ": ")
    text = re.sub(r"\bO\((\w+)\)", lambda found: f"`{of_role(found[1])}`", text)
    text = re.sub(r"\b[MP]\(lvs\.topology\.(\w+)(?:#\w+)?\)", r"`\1`", text)
    return re.sub(r"\b[VC]\(([^)]*)\)", r"`\1`", text).replace("|", "\\|")


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> list[str]:
    """A table."""
    cells = [list(head), *map(list, lines)]
    cells.insert(1, ["---"] * len(cells[0]))
    return [re.sub(r" +\|", " |", f"| {' | '.join(row)} |") for row in cells]


def values(key: Key) -> str:
    """What a key may hold."""
    if key.choices:
        shown = ", ".join(f"`{one}`" for one in key.choices)
        return f"some of {shown}" if key.kind == "list" else shown
    if key.high:
        many = "each " if key.kind == "list" else ""
        return f"{many}{key.low} to {key.high}"
    if key.keys:
        return "`true`, `false`, or a dict"
    kinds = {"bool": "`true`, `false`", "list": "a list", "raw": "an address, or a list"}
    return kinds.get(key.kind, "")


def default_cell(key: Key) -> str:
    """The default."""
    if key.required:
        return "required"
    return "" if key.default is None else f"`{value(key.plain_default())}`"


def key_table(keys: Mapping[str, Key], kind: str) -> list[str]:
    """The keys of a service or a real server."""
    return table(
        ("key", "mode", "meaning", "values", "default"),
        (
            (
                f"`{name}`",
                ", ".join(modes) or "all",
                markdown(key.text),
                values(key),
                default_cell(key),
            )
            for name, key, modes in rows(keys, kind)
        ),
    )


def health_table() -> list[str]:
    """The keys of health."""
    return table(
        ("key", "check", "meaning", "values", "default"),
        (
            (
                f"`{name}`",
                ", ".join(_kinds(name)) or "all",
                markdown(key.text),
                "a host, an address, or a dict" if key.kind == "raw" else values(key),
                default_cell(key),
            )
            for name, key in HEALTH_KEYS.items()
        ),
    )


def variable_table() -> list[str]:
    """The variables that a user sets."""
    lines: list[tuple[str, str, str]] = []
    for option in OPTIONS.values():
        if option.variable and not option.set_by:
            lines += _variable(option)
    lines += [
        (f"`{name}`", markdown(key.text), default_cell(key))
        for name, key in PLAYBOOK_VARIABLES.items()
    ]
    return table(("variable", "meaning", "default"), lines)


def _variable(option: Option) -> Iterator[tuple[str, str, str]]:
    key = option.key
    host = f"(host variable of a {option.of}) " if option.of else ""
    if isinstance(option.role_default, Mapping):
        key = key._replace(default=option.role_default)
    default = markdown(option.otherwise) or default_cell(key)
    yield f"`{option.variable}`", host + markdown(key.text) + _limits(key), default
    for name, inner in key.keys.items():
        cells = markdown(inner.text) + _limits(inner), default_cell(inner)
        yield f"`{option.variable}.{name}`", *cells


def _limits(key: Key) -> str:
    if not (key.choices or key.high):
        return ""
    start = "" if key.kind == "list" else "One of " if key.choices else "From "
    return f" {start}{values(key)}.".replace(" some", " Some")


# --- Files ---


def between(text: str, start: str, end: str, lines: Iterable[str], path: Path) -> str:
    """The text with other lines between two marks, which stay."""
    if text.count(start) != 1 or end not in text.partition(start)[2]:
        raise SystemExit(f"{path} has not exactly one {start!r} with {end!r} behind it")
    head, _start, rest = text.partition(start)
    return head + start + "\n".join(lines) + "\n" + end + rest.partition(end)[2]


# --- docs/architecture.md ---


def imported() -> dict[str, set[str]]:
    """Folders of module_utils, from the top down, each with those that it imports."""
    folders: dict[str, set[str]] = {}
    for room, below in reversed(LAYERS.items()):
        top = room.split(".")[0]
        folders.setdefault(top, set()).update({one.split(".")[0] for one in below.split()} - {top})
    return folders


def layer_drawing() -> Iterator[str]:
    """An arrow for each import, without those that others imply."""
    folders = imported()

    def reached(folder: str) -> set[str]:
        return folders[folder].union(*map(reached, folders[folder]))

    yield from ("```mermaid", "flowchart TD")
    for folder, below in folders.items():
        implied = set[str]().union(*map(reached, below))
        arrows = " & ".join(one for one in folders if one in below - implied)
        yield f"  {folder} --> {arrows}" if arrows else f"  {folder}"
    yield "```"


def layer_table() -> Iterator[str]:
    """Each folder, what it holds, and which of its files may do I/O."""
    yield from ("| folder | holds | files that do I/O |", "| --- | --- | --- |")
    for folder in imported():
        place = ROOT / "plugins/module_utils" / folder
        source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        summary = (ast.get_docstring(ast.parse(source.read_text())) or "").partition("\n\n")[0]
        shown = " ".join(summary.split()).replace("``", "`")
        files = [one for one in IO.split() if one.split(".")[0] == folder]
        doing = ["all" if one == folder else f"`{one.split('.', 1)[1]}`" for one in files]
        yield f"| `{folder}` | {shown} | {', '.join(doing).replace('.', '/')} |"


# --- docs/images/topology.svg ---

_LICENCE = """\
<!-- SPDX-FileCopyrightText: the lvs.topology authors -->
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
"""


def example_picture() -> str:
    """Return what playbook picture draws of the inventory that the collection brings."""
    folder = ROOT / "playbooks/inventory"
    children = yaml.safe_load((folder / "hosts.yml").read_text())["all"]["children"]
    groups = {name: [*group["hosts"]] for name, group in children.items()}
    variables = yaml.safe_load((folder / "group_vars/all.yml").read_text())
    health, _wrong = parse_defaults(variables["topology_health"])
    declared = variables["topology_services"]
    services, violations = parse_services(declared, parse_inventory(groups), SHAPES, health)
    if violations:
        raise SystemExit(f"{folder}: {report(violations)}")
    picture = sketch(services, groups)
    return _LICENCE + draw(picture, arrange(picture), "Two services of a pair of directors") + "\n"


# --- docs/metrics.md ---


def metrics_table() -> list[str]:
    """Every metric."""
    return table(
        ("metric", "type", "meaning", "labels"),
        (
            (f"`{one.name}`", one.kind, one.text, _label_names(one.labels))
            for one in FAMILIES.values()
        ),
    )


def _label_names(labels: tuple[str, ...]) -> str:
    """The labels, where a service's are one word."""
    shown, rest = "", labels
    if labels[: len(SERVICE_LABELS)] == SERVICE_LABELS:
        shown, rest = "a service's", labels[len(SERVICE_LABELS) :]
    return ", ".join(filter(None, (shown, *(f"`{one}`" for one in rest))))


def generated() -> Iterator[tuple[Path, str]]:
    """Each file, and what belongs into it."""
    comment = f"# {_MADE}\n"
    module = ROOT / "plugins/modules/compile_topology.py"
    end = "extends_documentation_fragment:"
    yield module, between(module.read_text(), comment, end, module_options(), module)
    role = ROOT / "roles/topology/meta/argument_specs.yml"
    start, end = f"    # {_MADE}\n", "    # End of what was made.\n"
    yield role, between(role.read_text(), start, end, role_specification(), role)
    defaults = ROOT / "roles/topology/defaults/main.yml"
    head = defaults.read_text().partition("---\n")[0]
    yield defaults, "\n".join((head + "---", *role_defaults(), ""))
    page = ROOT / "docs/declaration.md"
    text = page.read_text()
    for name, lines in (
        ("service", key_table(SERVICE_KEYS, "service")),
        ("real server", key_table(SERVER_KEYS, "server")),
        ("health", health_table()),
        ("variables", variable_table()),
    ):
        text = between(text, f"<!-- {name}: {_MADE} -->\n", f"<!-- {name}: end -->", lines, page)
    yield page, text
    page = ROOT / "docs/metrics.md"
    made = "Made by `make reference` from plugins/module_utils/metrics/families.py."
    start = f"<!-- metrics: {made} -->\n"
    yield page, between(page.read_text(), start, "<!-- metrics: end -->", metrics_table(), page)
    page = ROOT / "docs/architecture.md"
    text = page.read_text()
    made = "Made by `make reference` from tests/unit/test_layers.py and docstrings."
    for name, made_of in (("layers", layer_drawing()), ("folders", layer_table())):
        text = between(text, f"<!-- {name}: {made} -->\n", f"<!-- {name}: end -->", made_of, page)
    yield page, text
    yield ROOT / "docs/images/topology.svg", example_picture()


def main(arguments: list[str]) -> int:
    """Write the files, or compare."""
    stale = 0
    files = [*generated()]
    for path, text in files:
        current = path.read_text() if path.exists() else ""
        if current == text:
            continue
        stale += 1
        name = str(path.relative_to(ROOT))
        if arguments == ["--check"]:
            sys.stdout.writelines(
                difflib.unified_diff(
                    current.splitlines(keepends=True),
                    text.splitlines(keepends=True),
                    name,
                    f"{name} (from the schema)",
                )
            )
        else:
            path.write_text(text)
            print(f"wrote {name}")
    if stale and arguments == ["--check"]:
        print("stale: run `make reference`")
        return 1
    print(f"reference: {len(files)} files are fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
