# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of molecule's scenarios do with a topology: converge, verify and break it."""
