# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of ``make test``. To add one, add a ``Step`` here.

Every step carries its proof that it looked at something: either ``files`` (git's patterns: the
files it is given, and there must be some) or ``proof`` (a pattern that its output must contain).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv/bin"
COLLECTIONS = ROOT / ".cache/collections"
CHECKOUT = COLLECTIONS.relative_to(ROOT) / "ansible_collections/lvs/topology"

PYTEST_PASSED = r"\b[1-9]\d* passed\b"
PYTEST_SKIPPED = r"\b[1-9]\d* (skipped|deselected)\b"


@dataclass(frozen=True)
class Step:
    """One command of the test run."""

    name: str
    group: str
    command: tuple[str, ...]
    """Its arguments; ``FILES`` stands for the names of all ``files``."""
    files: tuple[str, ...] = ()
    """Patterns of the files that the step is about; git must know some."""
    proof: str = ""
    """What the output must match: the command did some work."""
    forbidden: str = ""
    """What the output must not match: a part of the work was left out."""
    partial: str = ""
    """What the output matches where a part could not be tried here; its result line shows it."""
    needs: tuple[str, ...] = ()
    """Steps that must have passed before."""
    undo: tuple[str, ...] = ()
    """A command for the end of the whole run, whatever became of the step."""
    limit: int = 30 * 60
    """Seconds after which the step is ended."""
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Environment variables of its own."""

    def __post_init__(self) -> None:
        """Refuse a step that would be green without having done anything."""
        if not (self.files or self.proof):
            raise ValueError(f"step {self.name}: neither files nor proof")


FILES = "FILES"
PYTHON = str(BIN / "python")
LAB = (PYTHON, "lab/lab")

PYTHON_FILES = ("*.py", "lab/lab", "lab/demo")
SHELL_FILES = ("*.sh", ".ci/run")
YAML_FILES = ("*.yml", "*.yaml", ".yamllint", ".ansible-lint")
NODE_FILES = ("plugins/modules/*.py", "plugins/module_utils/*.py")

# Lint steps run two at a time; the long ones come first.
LINT = (
    Step(
        name="sanity",
        group="lint",
        command=(PYTHON, "tests/checks/sanity.py"),
        proof=r"sanity: [1-9]\d* tests passed",
    ),
    Step(
        name="ansible-lint",
        group="lint",
        command=("ansible-lint", "--nocolor", "--offline"),
        proof=r"Passed: .* in [1-9]\d* files",
    ),
    Step(
        name="mypy",
        group="lint",
        command=("mypy", str(CHECKOUT / "plugins"), FILES),
        files=("tests/*.py", "lab/*.py", "molecule/*.py"),
        proof=r"no issues found in [1-9]\d* source files",
    ),
    Step(
        name="artefact",
        group="lint",
        command=(PYTHON, "tests/checks/artefact.py"),
        proof=r"artefact: [1-9]\d* files",
    ),
    Step(
        name="docs",
        group="lint",
        command=("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."),
        files=("plugins/modules/*.py", "roles/*/meta/argument_specs.yml"),
    ),
    Step(
        name="docsite",
        group="lint",
        command=(PYTHON, "tests/checks/docsite.py"),
        proof=r"docsite: [1-9]\d* pages",
    ),
    Step(
        name="ruff-check",
        group="lint",
        command=("ruff", "check", "--force-exclude", FILES),
        files=PYTHON_FILES,
    ),
    Step(
        name="ruff-format",
        group="lint",
        command=("ruff", "format", "--check", "--diff", "--force-exclude", FILES),
        files=PYTHON_FILES,
    ),
    Step(
        name="python-3.8",
        group="lint",
        command=("vermin", "--no-tips", "--violations", "--target=3.8-", FILES),
        files=NODE_FILES,
    ),
    Step(
        name="yamllint",
        group="lint",
        command=("yamllint", "--strict", FILES),
        files=YAML_FILES,
    ),
    Step(
        name="shellcheck",
        group="lint",
        command=("shellcheck", FILES),
        files=SHELL_FILES,
    ),
    Step(
        name="changelog",
        group="lint",
        command=("antsibull-changelog", "lint", FILES),
        files=("changelogs/fragments/*",),
    ),
    Step(
        name="reference",
        group="lint",
        command=(PYTHON, "tests/checks/reference.py", "--check"),
        proof=r"reference: [1-9]\d* files are fresh",
    ),
    Step(
        name="licences",
        group="lint",
        command=("reuse", "lint", "--lines"),
        files=("LICENSES/*",),
    ),
)

UNIT = (
    Step(
        name="unit",
        group="unit",
        command=("pytest", "--color=no", "-n", "2", "tests/unit"),
        proof=PYTEST_PASSED,
        forbidden=PYTEST_SKIPPED,
    ),
    Step(
        name="cores",
        group="unit",
        command=(PYTHON, "tests/checks/cores.py"),
        proof=r"cores: oldest, 2\.\d+ in .*: good",
        forbidden=r"cores: .*: bad",
        partial=r"cores: (newest, .* is not tried: .*)",
    ),
    Step(
        name="node-pythons",
        group="unit",
        command=(PYTHON, "tests/checks/node_pythons.py"),
        proof=r"pythons: [1-9]\d* files in 3",
    ),
)

# With programs that neither the lab nor the unit tests need.
PROGRAMS = (
    Step(
        name="page",
        group="programs",
        command=(PYTHON, "tests/checks/page.py"),
        proof=r"page: [1-9]\d* views",
    ),
    Step(
        name="promtool",
        group="programs",
        command=(PYTHON, "tests/checks/promtool.py"),
        proof=r"promtool: [1-9]\d* metrics, [1-9]\d* queries",
    ),
)

# For the scenario on Debian 13, which would otherwise wait for it.
IMAGE = (
    Step(
        name="image",
        group="image",
        command=(*LAB, "image"),
        proof=r"/[0-9a-f]{16}\s*$",
        variables={"LAB_SUITE": "trixie"},
    ),
)

INTEGRATION = (
    Step(
        name="lab",
        group="integration",
        command=(*LAB, "up", "lab/topologies/single.yml"),
        proof=r"inventory\.yml",
        undo=(*LAB, "down"),
    ),
    Step(
        name="kernel",
        group="integration",
        command=(PYTHON, "tests/checks/kernel_tests.py"),
        proof=PYTEST_PASSED,
        forbidden=PYTEST_SKIPPED,
        needs=("lab",),
    ),
    Step(
        name="modules",
        group="integration",
        command=("ansible-playbook", "-i", ".lab/inventory.yml", "tests/integration/run.yml"),
        proof=r"ok=[1-9]\d* .* failed=0",
        needs=("lab",),
    ),
)

# Scenarios that `make long` runs in all their length, and `make test` in a short form; and one that
# `make test` leaves out, as it needs an image of its own.
LONG = ("crash", "managers", "migrate", "vrrp")
LONG_ALONE = ("managers",)


def scenarios(group: str, names: Iterable[str], variables: Mapping[str, str]) -> tuple[Step, ...]:
    """Run molecule's scenarios, each as a step."""
    return tuple(
        Step(
            name=f"{group}-{name}",
            group=group,
            command=("molecule", "test", "--scenario-name", name),
            proof=PYTEST_PASSED,
            forbidden=PYTEST_SKIPPED,
            needs=("lab",),
            variables=variables,
        )
        for name in names
    )


NAMES = sorted(file.parent.name for file in ROOT.glob("molecule/*/molecule.yml"))
MOLECULE = scenarios("molecule", (one for one in NAMES if one not in LONG_ALONE), {})
LONG_FORMS = scenarios("long", LONG, {"SCENARIO_LONG": "1"})


# `make lint` runs sanity with .venv's ansible-core; these are the other supported ones.
SANITY = tuple(
    Step(
        name=f"sanity-{core}",
        group="sanities",
        command=(PYTHON, "tests/checks/sanity.py", core),
        proof=rf"sanity: [1-9]\d* tests passed with ansible-core {core}",
    )
    for core in ("2.18", "2.20", "2.21")
)

STEPS = (*LINT, *UNIT, *PROGRAMS, *IMAGE, *INTEGRATION, *MOLECULE, *LONG_FORMS, *SANITY)
"""Everything. Within a lane, it runs in this order."""

ON_DEMAND = ("long", "sanities")
"""Groups that run only where they, or their steps, are named."""

AT_A_TIME = {"lint": 2}
"""How many steps of a group may run beside each other (one, where nothing is said)."""

LANES = (("integration", "molecule", "long"), ("lint", "unit", "programs", "image", "sanities"))
"""Groups, in the order in which they run. Lanes run beside each other.

The lab leaves a fourth of two processors idle. The lanes after the first take that, and no more:
they have the lowest priority, so that they keep no packet of a scenario waiting.
"""
