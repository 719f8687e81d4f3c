# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Metrics of a director: what is measured, by which names, and the text that Prometheus reads."""
