"""What an installation may set for a source of kind ``jira``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from connectors.quantity import parse_duration


def _as_duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return timedelta(seconds=parse_duration(value.strip()))
    except OverflowError:
        raise ValueError(f'got "{value}"; a duration this long has no end') from None


Duration = Annotated[
    timedelta,
    BeforeValidator(_as_duration),
    Field(ge=timedelta(0)),
    WithJsonSchema({"type": ["number", "string"], "examples": ["10 min", 600]}),
]
"""Seconds as a number (0 is allowed), or a quantity such as ``10 min``."""


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
        description="How often all ids of a scope are listed, to find what left or entered it "
        "without being edited; they are listed sooner where a count shows that something did.",
    )
