"""Texts that are kept as files: a test fails when what is made differs from what is kept.

`GOLDEN=write pytest tests/...` writes them anew; look at the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path


def held(kept: Path, made: str) -> None:
    """Asserts that the file holds exactly this text; with `GOLDEN=write` it is written first."""
    if os.environ.get("GOLDEN") == "write":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(made, encoding="utf-8", newline="\n")
    assert kept.exists(), f"{kept} is missing; write it with GOLDEN=write"
    assert made == kept.read_text(encoding="utf-8"), (
        f"this is not what {kept.name} holds; if it is meant, write it anew with GOLDEN=write"
    )
