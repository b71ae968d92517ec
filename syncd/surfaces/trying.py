"""What the API asks of whoever plans: it knows no mapping language itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Edits = Mapping[str, str | None]
"""What stands in edited files, by folder and name (``q1-2026/dcim.yaml``); None takes one out."""

Planner = Callable[[Edits], Mapping[str, Any]]
"""What edits would change, as a document. Raises FilesRefused and NothingToEdit."""


class FilesRefused(Exception):
    """The edited mapping files have faults; each in words, with its file and line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(faults[0] if faults else "there are no mapping files left")
        self.faults = list(faults)


class NothingToEdit(Exception):
    """No mapping files are in force, or an older version took them up without keeping them."""

    def __init__(self) -> None:
        super().__init__(
            "the mapping files in force are not kept, so that nothing can be laid over"
        )
