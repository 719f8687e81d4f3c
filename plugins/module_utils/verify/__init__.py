# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What packets must do in each mode, what they did, findings and their causes, the report."""
