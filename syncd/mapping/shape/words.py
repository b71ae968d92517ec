"""What shapes are made of: ids, texts, quantities and dates, as pydantic and editors see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from syncd.mapping import quantity
from syncd.mapping.period import DATE_PATTERN

Json = Any

PIECE = "x-piece"
"""Stands for ``$ref`` to another piece until the whole schema is put together."""


def piece(name: str) -> WithJsonSchema:
    """The schema of a value that is a piece of its own, checked by whoever reads it."""
    return WithJsonSchema({PIECE: name})


_QUANTITY = WithJsonSchema({"type": ["number", "string"], "pattern": quantity.PATTERN})
_GOAL = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"const": "tbd"},
            {"type": "string", "pattern": quantity.PATTERN},
        ]
    }
)
_DATE = WithJsonSchema({"type": "string", "pattern": DATE_PATTERN})
_DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)? (s|min|h|d|w)$"
_DURATION = WithJsonSchema({"type": "string", "pattern": _DURATION_PATTERN})

_DAY = DATE_PATTERN.strip("^$")
PAST_PATTERN = f"^[0-9]{{4}}(-Q[1-4])?$|^{_DAY}/{_DAY}$"
"""What a period looks like in one word."""

ID_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"

Id = Annotated[
    str,
    Field(
        pattern=ID_PATTERN,
        description="An id: small letters and digits, with - between words.",
    ),
]
Name = Annotated[
    str,
    Field(pattern="^[a-z][a-z0-9_]*$", description="A name: small letters, digits and _."),
]
Text = Annotated[str, Field(min_length=1)]
Reference = Annotated[
    str, Field(min_length=1), WithJsonSchema({"type": "string", "pattern": ID_PATTERN})
]
"""An id that is declared elsewhere; what it is mistaken for is told where it is looked up."""
Quantity = Annotated[Json, _QUANTITY]
Goal = Annotated[Json, _GOAL]
Date = Annotated[str, _DATE]
Duration = Annotated[Json, _DURATION]


class Shape(BaseModel):
    """Base of all pieces. `elsewhere` has keys that authors look for here, and how to mend it."""

    model_config = ConfigDict(extra="forbid")
    elsewhere: ClassVar[Mapping[str, str]] = {}
