# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The compiler: from the declaration and the facts to the arguments of modules."""
