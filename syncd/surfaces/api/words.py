"""How things are called in addresses of the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.convertors import Convertor, register_url_convertor


class KeyResultWord(Convertor[str]):
    """A key result's id, or its key, which has its period and a slash in front."""

    regex = "[^/]+(?:/[^/]+)?"

    def convert(self, value: str) -> str:
        """The word as it stands in the address."""
        return value

    def to_string(self, value: str) -> str:
        """The same."""
        return value


register_url_convertor("kr", KeyResultWord())

KeyResultId = Annotated[
    str,
    Path(
        description="Its id, which means that of the newest period that has begun, or its `key`, "
        "which has the period in front and is permanent (`2026-Q1/dcim-o1-kr1`).",
        pattern="^[^/]+(/[^/]+)?$",
        examples=["dcim-o1-kr1"],
    ),
]
IndicatorName = Annotated[
    str,
    Path(
        description="Its name, its fingerprint, or a key result that reads it.",
        examples=["completeness"],
    ),
]
