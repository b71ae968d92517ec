"""Secrets by the places they are in; never their values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from syncd.mapping.fault import Fault

Json = Any


class SettingsRefused(Exception):
    """The settings cannot be used. `faults` has every one of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Secret(BaseModel):
    """Where a secret is: an environment variable, or a file (a mounted secret)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    env: str | None = None
    file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_plain_secret(cls, value: Json) -> Json:
        if not isinstance(value, dict):
            # the value itself must not be repeated in the error
            raise ValueError("no secret may stand here; write {env: NAME} or {file: PATH}")  # noqa: TRY004  pydantic reports ValueErrors
        return value

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("write either {env: NAME} or {file: PATH}")
        return self

    def value(self, where: str) -> str:
        """The secret. Raises SettingsRefused that names the variable or file, never the value."""
        if self.env is not None:
            found = os.environ.get(self.env)
            if not found:
                raise SettingsRefused(
                    [
                        Fault(
                            "environment",
                            0,
                            where,
                            f"no {self.env} in the environment",
                            "a secret",
                            f"export {self.env}=...",
                        )
                    ]
                )
            return found
        if self.file is None:
            raise TypeError("a validated secret has one place")
        return read_secret(self.file, where)


def values(places: Mapping[str, Secret]) -> dict[str, str]:
    """The secrets by what they are for. Raises SettingsRefused with every one that is not there."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for where, secret in places.items():
        try:
            found[where] = secret.value(where)
        except SettingsRefused as error:
            faults.extend(error.faults)
    if faults:
        raise SettingsRefused(faults)
    return found


def read_secret(path: Path, where: str) -> str:
    """What a mounted secret holds. Raises SettingsRefused that names the file, never the value."""
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsRefused(
            [Fault(str(path), 0, where, f"a file that cannot be read ({reason})", "a secret",
                   "mount the secret there, and let this user read it")]
        ) from error  # fmt: skip
    if not found:
        raise SettingsRefused(
            [Fault(str(path), 0, where, "an empty file", "a secret", "write the secret into it")]
        )
    return found
