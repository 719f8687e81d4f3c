# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A pair of directors: keepalived's configuration and service, and who may be master."""
