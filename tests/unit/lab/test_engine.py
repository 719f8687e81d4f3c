# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both kinds of lab decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvslab import settings
from lvslab.engine_vm import VmEngine
from lvslab.image import Image


@pytest.mark.parametrize(
    ("accelerator", "named", "python"),
    [
        ("tcg", "", "/usr/local/bin/lab-python"),
        ("tcg", "python3", "/usr/bin/python3"),
        ("kvm", "", "/usr/bin/python3"),
    ],
)
def test_the_interpreter_forks_under_emulation_alone(
    tmp_path: Path, accelerator: str, named: str, python: str
) -> None:
    found = settings.from_environment({"LAB_DIR": str(tmp_path), "LAB_PYTHON": named})
    assert VmEngine(found, Image(tmp_path), accelerator).python == python
