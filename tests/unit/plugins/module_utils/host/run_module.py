# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's real main() in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args


def run_module(
    main: Callable[[], None], *, check: bool = False, **arguments: object
) -> dict[str, Any]:
    """A module's result, failed or not."""
    output = io.StringIO()
    arguments |= {"_ansible_check_mode": check, "_ansible_diff": True}
    with patch_module_args(arguments), redirect_stdout(output), pytest.raises(SystemExit):
        main()
    result: dict[str, Any] = json.loads(output.getvalue())
    return result
