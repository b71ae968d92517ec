"""What all documents of the API have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from syncd.surfaces.api.models.meanings import described

Moment = Annotated[
    str, Field(description="ISO 8601 in UTC.", json_schema_extra={"format": "date-time"})
]
Ratio = Annotated[float, Field(description="A ratio: 1 is the whole.")]
Json = Any


class Document(BaseModel):
    """What the API answers with: every key is declared, so that none goes out undescribed."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, json_schema_extra=described
    )


class Asked(Document):
    """A document that may be asked for as it was; these are there only where a moment was asked
    about.
    """

    as_of: Moment | None = None
    """The moment that was asked about."""
    reconstructed: bool = False
    """Whether it is what was rebuilt of that moment later, which was told to nobody."""
    to_the_day: bool = False
    """Whether the moment is within a day of which only what was told last, and changes that were
    told as events, are kept; then it is what was told last by then of what is kept.
    """


class Page(Document):
    """A page of a list that can grow."""

    next: str | None
    """The cursor of the page after this one, for `after`; null: this is the last."""


class Problem(Document):
    """What is wrong with a request (RFC 9457): what was got, what is expected, how to mend it."""

    type: str
    """A URI of the kind of problem; `about:blank`: the status says it."""
    title: str
    """What the status is called."""
    status: int
    """The status of HTTP."""
    detail: str
    """The first thing that is wrong, in words."""
    errors: list[str] | None = None
    """Everything that is wrong, where that is more than one thing."""
