# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine compiles before anything is sent to it."""

from __future__ import annotations

from ansible.module_utils import basic
from lvslab import bytecode
from lvslab.settings import LAB_ROOT


def test_it_has_our_code_and_ansibles() -> None:
    names = {str(path) for path in bytecode.sources()}
    assert basic.__file__ in names
    assert f"{LAB_ROOT.parent}/plugins/modules/director.py" in names
    assert f"{LAB_ROOT.parent}/plugins/module_utils/ipvs/client.py" in names
