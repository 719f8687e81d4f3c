# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The tool ``ip`` of iproute2: commands, and what it prints."""
