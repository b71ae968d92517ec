"""How far a command is that takes long, and how large a file is that it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from syncd.cli.call import err


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e6:.1f} MB"


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
