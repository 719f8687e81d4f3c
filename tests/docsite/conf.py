# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's configuration of the documentation site, which ``make docs`` builds."""

from __future__ import annotations

project = "lvs.topology"
author = "the lvs.topology authors"
title = html_short_title = "lvs.topology"

# The pages are those of the repository; modules and roles come from antsibull-docs.
extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 4
exclude_patterns = ["reference/environment_variables.rst"]
default_role = "any"
nitpicky = True

html_theme = "sphinx_ansible_theme"
html_theme_options = {"display_version": False, "documentation_home_url": ""}
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
