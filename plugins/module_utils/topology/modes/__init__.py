# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The modes: all facts of each in a file of its own, and checks that several share."""
