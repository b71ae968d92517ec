"""The shape of a target."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, WithJsonSchema

from syncd.mapping import quantity
from syncd.mapping.period import DATE_PATTERN
from syncd.mapping.shape.words import PAST_PATTERN, Duration, Goal, Quantity, Shape, piece

Json = Any

_START = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"type": "string", "pattern": quantity.PATTERN},
            {"type": "string", "pattern": PAST_PATTERN},
        ]
    }
)
_MILESTONES = WithJsonSchema(
    {
        "anyOf": [
            {"const": "all"},
            {"type": "object", "additionalProperties": {"type": "string", "pattern": DATE_PATTERN}},
        ]
    }
)


class GuardShape(Shape):
    """A limit that must never be passed; a band has both."""

    at_least: Goal = Field(default=None, description="Never below.", examples=["99.5 %"])
    at_most: Goal = Field(default=None, description="Never above.", examples=[0])


class TargetShape(Shape):
    """What is wanted of the indicator: exactly one of the goals, and what may stand beside it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "oneOf": [
                {"required": [key]}
                for key in (
                    "at_least",
                    "at_most",
                    "increase_to",
                    "decrease_to",
                    "increase_by",
                    "decrease_by",
                    "guard",
                    "boolean",
                    "milestones",
                )
            ]
        },
    )

    at_least: Goal = Field(
        default=None, description="At least this much; has no start.", examples=["100 %", 3]
    )
    at_most: Goal = Field(
        default=None, description="At most this much; has no start.", examples=["7 d", "5 %"]
    )
    increase_to: Goal = Field(
        default=None, description="Up to this much, from a start.", examples=["100 %"]
    )
    decrease_to: Goal = Field(
        default=None, description="Down to this much, from a start.", examples=["2 d"]
    )
    increase_by: Goal = Field(
        default=None,
        description="Up by this much; % is relative to the start, pp are points.",
        examples=["40 %", "10 pp"],
    )
    decrease_by: Goal = Field(
        default=None,
        description="Down by this much; % is relative to the start, pp are points.",
        examples=["40 %", "tbd"],
    )
    guard: Annotated[Json, piece("GuardShape")] = Field(
        default=None,
        description="A limit that must never be passed; a breach is remembered.",
        examples=[{"at_most": 0}],
    )
    boolean: bool | None = Field(
        default=None,
        description="Met when the value is 1 (or 100 %).",
        examples=[True],
        json_schema_extra={"const": True},
    )
    milestones: Annotated[Json, _MILESTONES] = Field(
        default=None,
        description="By when each milestone of the indicator is due; all: each by the due day.",
        examples=["all", {"site": "2026-01-31", "operational": "2026-03-31"}],
    )
    from_: Annotated[Json, _START] = Field(
        default=None,
        alias="from",
        description="Where increase and decrease start: a quantity, or a past period over which "
        "the same indicator is read; absent: the first reading.",
        examples=["19 %", "2025-Q4"],
    )
    stretch: Quantity = Field(
        default=None, description="More than the goal; shown, never judged.", examples=[6]
    )
    held_for: Duration = Field(
        default=None, description="How long a boolean must have been met.", examples=["1 d"]
    )
    empty: str | None = Field(
        default=None,
        pattern="^met$",
        description="met: an empty set of objects counts as met instead of no data.",
        examples=["met"],
    )
