"""What people send over HTTP: JSON objects of texts, read or refused key by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


class TooLarge(Exception):
    """A body that is longer than anybody reads."""


@dataclass(frozen=True)
class Key:
    """A key of a body: what is expected of it, in words. `bare`: a JSON number will do."""

    expected: str
    required: bool = True
    bare: bool = False


async def body(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes. Raises TooLarge."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise TooLarge(f"got more than {most} bytes; expected at most {most}")
    return bytes(found)


def texts(sent: bytes, keys: Mapping[str, Key]) -> Mapping[str, str]:
    """The texts in a JSON object, without those that are absent or null. Raises HTTPException with
    400 for what is no object, for an unknown key, and for one that is missing or no text.
    """
    needed = " and ".join(name for name, key in keys.items() if key.required)
    try:
        found: Any = json.loads(sent)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"got no JSON; expected an object with {needed}") from error
    if not isinstance(found, dict):
        raise HTTPException(400, f"got JSON that is no object; expected one with {needed}")
    for name in found:
        if name not in keys:
            raise HTTPException(400, f"{name[:80]}: got an unknown key; expected {', '.join(keys)}")
    for name, key in keys.items():
        value = found.get(name)
        if not isinstance(value, str | None) and not (key.bare and _is_number(value)):
            raise HTTPException(400, f"{name}: got JSON that is no text; expected text")
    for name, key in keys.items():
        value = found.get(name)
        if key.required and (value is None or not str(value).strip()):
            raise HTTPException(400, f"{name}: got none; expected {key.expected}")
    return {name: str(value) for name, value in found.items() if value is not None}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
