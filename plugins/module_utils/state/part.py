# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a module keeps on its host.

A module that changes a host does it inside of ``open_part``::

    with open_part("real_server", persist=True, check_mode=module.check_mode) as part:
        ...  # plan, from part.desired and part.owned: the states that the last run recorded
        part.record(desired, owned)  # before the first change
        ...  # change the host (not in check mode)
        part.record(desired, left)  # again, where something was undone
        changes = part.changes()  # of the state files

Every part is named in ``boot/registry.py`` too, with the function that applies it at boot.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Callable, Iterator

from . import files, paths
from .errors import PersistenceError
from .lock import host_lock
from .record import Values
from .state_file import NOTHING, Saved, load, save


class Part:
    """What is kept for one part of this host; to be changed, it comes from ``open_part``."""

    def __init__(
        self,
        name: str,
        *,
        persist: bool | None = None,
        check_mode: bool = True,
        before_keeping: Callable[[], object] = lambda: None,
    ) -> None:
        if persist is None:
            persist = load(paths.state_file(name, persist=True)) != NOTHING
        self.name = name
        self.persist = persist
        self._check_mode = check_mode
        self._before_keeping = before_keeping
        self._home = paths.state_file(name, persist=persist)
        self._elsewhere = paths.state_file(name, persist=not persist)
        self._before = {path: load(path) for path in (self._home, self._elsewhere)}
        # A run with another ``persist`` may have left its state in the other place.
        place = max(self._before, key=lambda path: self._before[path] != NOTHING)
        self._place, self._now = str(place), self._before[place]
        self._on_disk = {**self._before}
        self._recorded = False

    @property
    def place(self) -> str:
        """The state file that was read."""
        return self._place

    @property
    def desired(self) -> Values:
        """What the last run desired; {} before the first."""
        return self._now.desired

    @property
    def owned(self) -> Values:
        """What is ours, and originals; {} before the first."""
        return self._now.owned

    def record(self, desired: Values, owned: Values) -> None:
        """Keep both; in check mode only note that they would be."""
        if desired and self.persist and not paths.systemd_is_running():
            raise PersistenceError(
                "this host does not run systemd, so that nothing can be applied at boot: "
                "set persist: false"
            )
        self._now, self._recorded = Saved(desired, owned), True
        if self.is_anything_kept():
            self._before_keeping()
        if self._check_mode:
            return
        for path, saved in self._after().items():
            if self._on_disk[path] != saved:
                save(path, saved)
                self._on_disk[path] = saved

    def changes(self) -> list[str]:
        """A sentence for each state file that is written or removed."""
        return [
            f"{'write' if saved != NOTHING else 'remove'} {path}"
            for path, saved in self._after().items()
            if saved != self._before[path]
        ]

    def is_anything_kept(self) -> bool:
        """Whether this part or another one has something to apply at boot."""
        after = self._after()
        kept = set(paths.state_directory(persist=True).glob("*.json")) - after.keys()
        return bool(kept) or (self.persist and any(saved != NOTHING for saved in after.values()))

    def _after(self) -> dict[Path, Saved]:
        """The state files once this run is over."""
        if not self._recorded:
            return self._before
        return {self._home: self._now, self._elsewhere: NOTHING}


def is_kept(name: str, section: str) -> bool:
    """Whether a part has a section with something desired in it."""
    return any(
        load(paths.state_file(name, persist=persist)).desired.get(section)
        for persist in (True, False)
    )


@contextmanager
def open_part(
    name: str,
    *,
    persist: bool | None,
    check_mode: bool,
    before_keeping: Callable[[], object] = lambda: None,
) -> Iterator[Part]:
    """Read a part's state and, unless in check mode, keep other runs out until the end.

    Without ``persist`` (None) the state stays in the place where it is kept already. Where nothing
    could be applied at boot, ``before_keeping`` raises, before the first change.
    Where the body raises, the state files stay as last recorded: the next run goes on from there.
    """
    with ExitStack() as stack:
        if not check_mode:
            stack.enter_context(host_lock())
            _clear_up(name)
        yield Part(name, persist=persist, check_mode=check_mode, before_keeping=before_keeping)


def _clear_up(name: str) -> None:
    """Remove what a run left that died while it wrote a file, and rights that it gave away."""
    for folder in paths.folders():
        files.protect_folder(folder)
    state_files = (paths.state_file(name, persist=persist) for persist in (True, False))
    for path in (*state_files, *paths.installed(), paths.connections_file()):
        files.discard_unfinished(path)
