# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The tool ``nft``: the text of our tables, and what it lists."""
