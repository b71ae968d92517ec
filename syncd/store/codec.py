"""Model values to JSON columns and back; pydantic checks what comes out."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

from syncd.assess import RollUps
from syncd.model import Assessment, Composition, Former, KeyResult, Memory, Plausible, Telling

T = TypeVar("T")

KEY_RESULT = TypeAdapter(KeyResult)
FORMER = TypeAdapter(tuple[Former, ...])
MEMORY = TypeAdapter(Memory)
TELLING = TypeAdapter(Telling)
ROLLUPS = TypeAdapter(RollUps)
ASSESSMENT = TypeAdapter(Assessment)
PLAUSIBLE = TypeAdapter(Plausible)
COMPOSITION: TypeAdapter[Composition] = TypeAdapter(Composition)
"""Its kinds have no field in common, so the fields that are there tell which one it is."""


def to_json(adapter: TypeAdapter[T], value: T) -> Any:
    """JSON-able form of a model value; moments as ISO 8601 with their offset."""
    return adapter.dump_python(value, mode="json")


def from_json(adapter: TypeAdapter[T], value: Any) -> T:
    """The model value. Raises pydantic.ValidationError when the column was tampered with."""
    return adapter.validate_python(value)
