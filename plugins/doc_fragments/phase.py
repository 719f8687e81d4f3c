# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules have in common that change a host in phases."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  phase:
    description:
      - V(prepare) makes what is new and leaves what is no longer wanted as it is; RV(later) tells
        what there is still to do. On a director virtual addresses and marks come later, too.
      - V(serve) adds these, once the director's table has what they lead to, and takes away marks
        that are no longer wanted.
      - V(switch) is V(serve), but source NAT that is no longer wanted goes as well. It is of no
        use to connections that are there, and new ones must not get it any more.
      - V(finish) does the rest, once other hosts have done their part.
      - In check mode, where nobody has changed anything, each predicts what it would do after those
        before it.
      - V(all) does everything at once.
    type: str
    default: all
    choices: [all, prepare, serve, switch, finish]
"""
