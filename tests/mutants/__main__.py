"""`python -m tests.mutants [MODULE ...]`: makes what judges wrong, and counts what tests notice."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.mutants.keeping import Came, Kept, digest, explained
from tests.mutants.mutations import Mutant, mutants, mutated, path_of
from tests.mutants.running import Broken, root, run, warm
from tests.mutants.subjects import SUBJECTS, Subject

LEAST = 0.9
"""The share that must be killed or explained."""
REMEMBERED = 12
"""So many tests that noticed something are asked first the next time."""

console = Console(stderr=True)
told = Console()
_WIDE = 110


@dataclass
class Score:
    """What came of the mutants of a module; `every`: how many there are, tried or not."""

    module: str
    every: int
    tried: list[Came] = field(default_factory=list)
    reasons: int = 0

    @property
    def survivors(self) -> list[Came]:
        """Those that no test noticed, explained or not."""
        return [one for one in self.tried if one.lived]

    @property
    def killed(self) -> int:
        """How many were noticed, also by never ending."""
        return len(self.tried) - len(self.survivors)


def chosen(names: Sequence[str]) -> list[Subject]:
    """The subjects of these names: a module, or all below a package. Raises ValueError."""
    if not names:
        return list(SUBJECTS)
    found = []
    for name in names:
        below = [it for it in SUBJECTS if f"{it.module}.".startswith(f"{name.rstrip('.')}.")]
        if not below:
            raise ValueError(f"{name} is no module in tests/mutants/subjects.py, nor above one")
        found += below
    return found


def tried(
    subject: Subject, kept: Kept, sample: int | None, seed: int, until: float, bar: Progress
) -> Score:
    """Tries what is not known yet of a module. Raises Broken."""
    source = path_of(subject.module, root()).read_text(encoding="utf-8")
    every = mutants(subject.module, source)
    wanted = every
    if sample is not None and sample < len(every):
        # the same ones each time, so that a survivor is met again
        wanted = random.Random(f"{seed} {subject.module}").sample(every, sample)
        wanted.sort(key=lambda one: one.number)
    score = Score(subject.module, len(every))
    of_source = digest([path_of(subject.module, root())])
    of_tests = digest(root() / test for test in subject.tests)
    left: list[Mutant] = []
    for one in wanted:
        known = kept.of(one.id, of_source, of_tests)
        if known is None:
            left.append(one)
        else:
            score.tried.append(known)
    if left:
        task = bar.add_task(subject.module, total=len(left))
        limit = 10.0 + 5 * warm(subject.files(root()))
        for one, came in _came(subject, source, left, limit, until):
            score.tried.append(Came(one.id, one.line, *came, of_source, of_tests))
            kept.put(score.tried[-1])
            bar.update(task, advance=1)
            bar.refresh()
        bar.remove_task(task)
    return score


def _came(
    subject: Subject, source: str, left: Sequence[Mutant], limit: float, until: float
) -> Iterator[tuple[Mutant, tuple[str, str]]]:
    first: deque[str] = deque(maxlen=REMEMBERED)
    for one in left:
        if time.monotonic() > until:
            return
        tree = mutated(source, one.number)
        ran = run(subject.module, tree, subject.files(root()), list(first), limit)
        outcome = "lived" if ran.passed else "late" if ran.timed_out else "killed"
        if ran.failed:
            if ran.failed in first:
                first.remove(ran.failed)
            first.appendleft(ran.failed)
        yield one, (outcome, ran.failed)


def report(scores: Sequence[Score]) -> bool:
    """Prints the table and the survivors; whether enough were noticed everywhere."""
    reasons = explained()
    table = Table("module", *("mutants", "tried", "killed", "explained", "left", "score"))
    table.columns[0].no_wrap = True
    enough = True
    lines: list[str] = []
    for score in scores:
        if not score.tried:
            continue
        unexplained = [one for one in score.survivors if one.id not in reasons]
        share = 1 - len(unexplained) / len(score.tried)
        enough &= share >= LEAST
        known = len(score.survivors) - len(unexplained)
        numbers = (score.every, len(score.tried), score.killed, known, len(unexplained))
        table.add_row(score.module, *map(str, numbers), f"{share:.0%}")
        path = path_of(score.module, root()).relative_to(root())
        lines += [f"{path}:{one.line}: {one.id}" for one in unexplained]
    Console(width=max(told.width, _WIDE)).print(table)
    for line in lines:
        told.print(line, markup=False, highlight=False, soft_wrap=True)
    return enough


def main(words: Sequence[str] | None = None) -> int:
    """0 where nine of ten are killed or explained in each module; 2 where nothing can be said."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="or what is above some")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of each module only")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which ones those are")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop then; the next goes on")
    parser.add_argument(
        "--keep", type=Path, default=root() / ".mutants" / "came.jsonl", metavar="FILE"
    )
    parser.add_argument("--list", action="store_true", help="say how many there are, try none")
    asked = parser.parse_args(words)
    try:
        subjects = chosen(asked.modules)
    except ValueError as error:
        parser.error(str(error))
    if asked.list:
        for it in subjects:
            source = path_of(it.module, root()).read_text(encoding="utf-8")
            told.print(f"{len(mutants(it.module, source)):5} {it.module}", highlight=False)
        return 0
    kept = Kept(asked.keep)
    until = time.monotonic() + asked.minutes * 60
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    scores: list[Score] = []
    # without a thread that draws: processes are forked
    with Progress(
        *columns, TimeElapsedColumn(), console=console, auto_refresh=False, transient=True
    ) as bar:
        try:
            scores += [tried(it, kept, asked.sample, asked.seed, until, bar) for it in subjects]
        except Broken as error:
            console.print(f"make mutants: {error}", markup=False)
            return 2
        except KeyboardInterrupt:
            pass
    return 0 if report(scores) else 1


if __name__ == "__main__":
    sys.exit(main())
