# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the steps of tests/steps.py: all but those on demand, or the steps and groups named.

A step passes when its command succeeds and its output shows that it did some work. Each one's
output goes to .cache/logs/NAME.log. A failed step does not stop the others, but those that need it
are not run, and count as failed.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from logs import headlines, tail
from steps import AT_A_TIME, BIN, COLLECTIONS, FILES, LANES, ON_DEMAND, ROOT, STEPS, Step

LOGS = ROOT / ".cache/logs"
REPORT_SECONDS = 30
GRACE_SECONDS = 20
INTERRUPTED = "interrupted"
LOWEST_PRIORITY = 19  # nice(2)


@dataclass(frozen=True)
class Result:
    """What became of a step."""

    step: Step
    problem: str
    seconds: float = 0.0
    note: str = ""
    """What a step that passed could not try."""


def duration(seconds: float) -> str:
    """Give a time as people say it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def log_of(step: Step) -> Path:
    """Name the file that takes a step's output."""
    return LOGS / f"{step.name}.log"


def noted(step: Step) -> str:
    """Return what a step says that it could not try."""
    found = step.partial and re.search(step.partial, log_of(step).read_text(errors="replace"))
    return found[1] if found else ""


def known_files(patterns: tuple[str, ...]) -> list[str]:
    """List the files that git has, or would add, and that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    listed = subprocess.run([*command, *patterns], cwd=ROOT, check=True, capture_output=True)
    names = listed.stdout.decode().split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def environment() -> dict[str, str]:
    """Give the steps the tools of .venv, this checkout as a collection, and no colours."""
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "REUSE_ENCODING_MODULE": "charset_normalizer",
    }


class Screen:
    """Says what goes on: a line for each event, and in between which steps are still at work."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self._lock = threading.Lock()
        self._running: dict[Step, float] = {}
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def started(self, step: Step) -> None:
        """Announce a step."""
        with self._lock:
            self._running[step] = time.monotonic()
            self._line(f"start   {step.name}")

    def ended(self, result: Result) -> None:
        """Announce a result; for a failure, with all that helps to fix it."""
        step = result.step
        with self._lock:
            ran = self._running.pop(step, None) is not None
            if not result.problem:
                note = f": {result.note}" if result.note else ""
                self._line(f"passed  {step.name}  ({duration(result.seconds)}){note}")
                return
            took = f"  ({duration(result.seconds)})" if ran else ""
            self._line(f"FAILED  {step.name}{took}: {result.problem}")
            if ran and result.problem != INTERRUPTED:
                for line in tail(log_of(step)):
                    self._line(f"        | {line}")
                for line in headlines(log_of(step)):
                    self._line(f"        {line}")
                self._line(f"        log:    {log_of(step).relative_to(ROOT)}")
            self._line(f"        repeat: make step-{step.name}")

    def close(self) -> None:
        """Leave the screen to others."""
        self._done.set()
        self._ticker.join()

    def _line(self, text: str) -> None:
        print(f"\r\033[K{text}" if self.live else text, flush=True)

    def _tick(self) -> None:
        beat = 1 if self.live else REPORT_SECONDS
        while not self._done.wait(beat):
            with self._lock:
                now = time.monotonic()
                running = list(self._running.items())
                if self.live:
                    line = ", ".join(f"{s.name} {duration(int(now - t))}" for s, t in running)
                    columns = os.get_terminal_size().columns
                    print(f"\r\033[K{line[: columns - 1]}", end="", flush=True)
                    continue
                for step, since in running:
                    if now - since >= REPORT_SECONDS:
                        last = "".join(tail(log_of(step), 1))[:100]
                        self._line(f"   ...  {step.name}  ({duration(now - since)})  {last}")
        if self.live:
            print("\r\033[K", end="", flush=True)


@dataclass
class Runner:
    """Runs steps, and ends what it started when it is interrupted."""

    screen: Screen
    results: dict[str, Result] = field(default_factory=dict)
    processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, step: Step) -> None:
        """Run one step and note its result."""
        if self.stopping.is_set():
            return
        missing = [name for name in step.needs if self.results[name].problem]
        if missing:
            result = Result(step, f"not run: it needs {', '.join(missing)}, which failed")
        else:
            self.screen.started(step)
            begin = time.monotonic()
            problem = self._problem(step)
            if self.stopping.is_set():
                problem = INTERRUPTED
            note = "" if problem else noted(step)
            result = Result(step, problem, time.monotonic() - begin, note)
        self.results[step.name] = result
        self.screen.ended(result)

    def _problem(self, step: Step) -> str:
        """Run a step's command; an empty answer means that it passed."""
        files = known_files(step.files) if step.files else []
        if step.files and not files:
            log_of(step).write_text("")
            return f"nothing to check: no file matches {' '.join(step.files)}"
        command = list(
            itertools.chain.from_iterable(
                files if argument == FILES else [argument] for argument in step.command
            )
        )
        with log_of(step).open("wb") as log:
            log.write(f"$ {shlex.join(step.command)}\n".encode())
            log.flush()
            start = log.tell()
            priority = 0 if step.group in LANES[0] else LOWEST_PRIORITY
            status = self.call(command, log.fileno(), step.limit, step.variables, priority)
        if status != 0:
            return status if isinstance(status, str) else f"exit status {status}"
        with log_of(step).open("rb") as log:
            log.seek(start)
            output = log.read().decode(errors="replace")
        if step.proof and not re.search(step.proof, output):
            return f"it ran nothing: its output does not match {step.proof!r}"
        if step.forbidden and (left_out := re.search(step.forbidden, output)):
            return f"it left something out: {left_out[0]!r}"
        return ""

    def call(
        self,
        command: list[str],
        output: int,
        limit: int,
        variables: Mapping[str, str],
        priority: int = 0,
    ) -> int | str:
        """Run a command in a process group of its own; give its status, or what went wrong."""
        try:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**environment(), **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return f"cannot start {command[0]}: {error.strerror} (run `make setup`)"
        self.processes.add(process)
        if priority:
            prioritise(process, priority)
        if self.stopping.is_set():
            end(process)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return f"ended after {duration(limit)}, its limit"
        finally:
            end(process)
            self.processes.discard(process)

    def run_lane(self, steps: list[Step]) -> None:
        """Run steps, one group after the other."""
        for group, members in itertools.groupby(steps, key=lambda step: step.group):
            with ThreadPoolExecutor(AT_A_TIME.get(group, 1)) as pool:
                list(pool.map(self.run, members))

    def run_lanes(self, steps: list[Step]) -> None:
        """Run all lanes beside each other."""
        lanes = [[step for step in steps if step.group in groups] for groups in LANES]
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                list(pool.map(self.run_lane, lanes))
            except KeyboardInterrupt:
                self.stop()
                raise

    def stop(self) -> None:
        """End every command that is still running."""
        self.stopping.set()
        for process in list(self.processes):
            end(process)

    def undo(self) -> None:
        """Undo what steps left standing for others, the last one first."""
        self.stopping.clear()
        for name in reversed(list(self.results)):
            step = self.results[name].step
            if step.undo and self.results[name].seconds:
                with (LOGS / f"{name}-undo.log").open("wb") as log:
                    status = self.call(list(step.undo), log.fileno(), 5 * 60, step.variables)
                if status != 0 and not self.results[name].problem:
                    problem = f"could not undo it: {shlex.join(step.undo)}: {status}"
                    self.results[name] = Result(step, problem, self.results[name].seconds)
                    self.screen.ended(self.results[name])


def prioritise(process: subprocess.Popen[bytes], nice: int) -> None:
    """Set the priority of a process that leads a session, and of what that will start."""
    with contextlib.suppress(OSError):  # it has ended, or this kernel does not group sessions
        os.setpriority(os.PRIO_PROCESS, process.pid, nice)
        # To the scheduler a session is a group, in which nice(2) only orders the members.
        Path(f"/proc/{process.pid}/autogroup").write_text(str(nice))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all its children: asked first, then forced."""
    if process.poll() is not None:
        return
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, kind)
            process.wait(GRACE_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def chosen(names: list[str]) -> list[Step]:
    """Find the steps and groups named, with all that they need, in their order."""
    known = {step.name: step for step in STEPS}
    unknown = [n for n in names if n not in known and all(s.group != n for s in STEPS)]
    if unknown:
        sys.exit(f"unknown step or group: {', '.join(unknown)} (see `make steps`)")
    wanted = {
        s.name
        for s in STEPS
        if s.name in names or s.group in names or not (names or s.group in ON_DEMAND)
    }
    todo = list(wanted)
    while todo:
        for need in known[todo.pop()].needs:
            if need not in wanted:
                wanted.add(need)
                todo.append(need)
    return [step for step in STEPS if step.name in wanted]


def report(steps: list[Step], results: dict[str, Result], seconds: float) -> int:
    """Print the table, the longest step first, and the closing line; give the exit status."""
    width = max(len(step.name) for step in steps)
    print()
    ended = [results.get(step.name, Result(step, "not run: interrupted")) for step in steps]
    for result in sorted(ended, key=lambda result: result.seconds, reverse=True):
        step = result.step
        mark = "FAILED" if result.problem else "passed"
        why = f"  {result.problem or result.note}".rstrip()
        print(f"{mark}  {step.name:{width}}  {duration(result.seconds):>12}{why}")
    passed = sum(1 for result in results.values() if not result.problem)
    print(f"{'':8}{'total':{width}}  {duration(seconds):>12}")
    print(f"\n{passed} passed, {len(steps) - passed} failed")
    return 0 if passed == len(steps) else 1


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="STEP|GROUP", help="what to run")
    parser.add_argument("--list", action="store_true", help="list the steps and their groups")
    parser.add_argument(
        "--keep", action="store_true", help="leave standing what steps set up for others (the lab)"
    )
    arguments = parser.parse_args()
    steps = chosen(arguments.names)
    if arguments.list:
        for step in steps if arguments.names else STEPS:
            print(f"{step.group:12} {step.name:24} {shlex.join(step.command)}")
        return 0

    def interrupt(number: int, _frame: object) -> None:
        raise KeyboardInterrupt(number)

    signal.signal(signal.SIGTERM, interrupt)
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    screen = Screen()
    runner = Runner(screen)
    try:
        runner.run_lanes(steps)
    except KeyboardInterrupt:
        print("\ninterrupted", flush=True)
    finally:
        if not arguments.keep:
            runner.undo()
        screen.close()
    return report(steps, runner.results, time.monotonic() - begin)


if __name__ == "__main__":
    sys.exit(main())
