"""Stores that stand as this version makes them, copied from one that was made once."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from syncd.store.engine import Store


def made(path: Path) -> Store:
    """An open store with nothing in it, in this SQLite file."""
    path.write_bytes(_as_made())
    return Store(f"sqlite:///{path}")


@cache
def _as_made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "syncd.db"
        store = Store(f"sqlite:///{path}")
        store.migrate()
        store.close()
        return path.read_bytes()
