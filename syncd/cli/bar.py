"""How far a command is that takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from syncd.cli.call import err


class Stepped(Protocol):
    """Says what was done last; without `done` one more is, of as many as before."""

    def __call__(self, words: str, done: int | None = None, total: int | None = None) -> None:
        """Moves the bar."""


@contextmanager
def bar(words: str) -> Iterator[Callable[[int, int | None], None]]:
    """On a terminal, how far it is: told how much is done, and of how much (None: nobody knows)."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn(words), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(words, total=None)

        def moved(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        yield moved


@contextmanager
def steps(words: str, total: int | None, *, left: bool = True) -> Iterator[Stepped]:
    """What is done one by one, how many of how many (None: nobody knows yet), and since when;
    `left`: also how long it will take yet, where one step takes about as long as another.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
    columns += [MofNCompleteColumn(), TimeElapsedColumn()]
    columns += [TextColumn("left:"), TimeRemainingColumn()] if left else []
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(words, total=total)

        def moved(words: str, done: int | None = None, total: int | None = None) -> None:
            if done is None:
                progress.update(task, advance=1, description=words)
            else:
                progress.update(task, completed=done, total=total, description=words)

        yield moved
