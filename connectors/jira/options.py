"""What an installation may set for a source of kind ``jira``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?) (s|min|h|d|w)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def _as_duration(value: object) -> object:
    if isinstance(value, str):
        match = _QUANTITY.fullmatch(value.strip())
        if match is None:
            raise ValueError(f'got "{value}"; expected a duration such as 10 min (s, min, h, d, w)')
        return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(_as_duration),
    Field(ge=timedelta(0)),
    WithJsonSchema({"type": ["number", "string"], "examples": ["10 min", 600]}),
]
"""Seconds, or a quantity such as ``10 min``."""


class JiraOptions(BaseModel):
    """Settings of one Jira; every one has a default that works."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flavour: Literal["cloud", "datacenter", "auto"] = Field(
        default="auto", description="Which Jira this is; auto asks serverInfo once."
    )
    browse_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Where people open issues, when it is not the source's url (an API gateway).",
        examples=["https://example.atlassian.net"],
    )
    overlap: Duration = Field(
        default=timedelta(minutes=10),
        description="How far behind the last turn changes are asked for again: Jira's index is "
        "late and its dates are minutes.",
    )
    census_every: Duration = Field(
        default=timedelta(hours=1),
        description="How often all ids of a scope are listed on Cloud, to find what left it.",
    )
    shrink_limit: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="The share of known issues that may become unreadable between two listings; "
        "more is taken for a lost permission and not believed. 1 believes anything.",
    )
