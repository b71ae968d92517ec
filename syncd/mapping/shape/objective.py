"""The shapes of objectives and their key results."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, WithJsonSchema

from syncd.mapping.shape.words import (
    ID_PATTERN,
    PAST_PATTERN,
    Date,
    Duration,
    Id,
    Quantity,
    Reference,
    Shape,
    Text,
    piece,
)

Json = Any


_INTO = WithJsonSchema(
    {
        "anyOf": [
            {"type": "integer", "minimum": 2000, "maximum": 2199},
            {"type": "string", "pattern": PAST_PATTERN},
            {"type": "string", "pattern": ID_PATTERN},
        ]
    }
)

Owner = Text | Annotated[list[Text], Field(min_length=1)] | None


class BesideShape(Shape):
    """A number shown beside a key result and never judged."""

    elsewhere: ClassVar = {"target": "a key result of its own, if it is to be judged"}

    title: Text = Field(description="What people call it.", examples=["Share in London"])
    indicator: Annotated[Json, piece("Indicator")] = Field(
        description="The name of an indicator, or one written here.", examples=["hired_london"]
    )


class AbandonedShape(Shape):
    """From when on a key result is given up, and why."""

    from_: Date = Field(
        alias="from",
        description="The first day on which it is no longer pursued.",
        examples=["2026-02-16"],
    )
    reason: Text = Field(
        description="Why, in words for those who read the page.",
        examples=["The vendor withdrew the product."],
    )


class CarriedShape(AbandonedShape):
    """Into which period a key result goes on, from when on, and why."""

    into: Annotated[Json, _INTO] = Field(
        description="The period in which it goes on.", examples=["2026-Q2"]
    )


class ResultShape(Shape):
    """What key results and roll-ups say."""

    id: Id = Field(examples=["dcim-o1-kr1"])
    title: Text = Field(description="What people call it.", examples=["Model completeness"])
    owner: Owner = Field(
        default=None,
        description="A person or role, or a list of them.",
        examples=["DCIM lead", ["Observability lead", "Platform ops lead"]],
    )
    indicator: Annotated[Json, piece("Indicator")] = Field(
        description="The name of an indicator, or one written here.", examples=["fsh_coverage"]
    )
    target: Annotated[Json, piece("TargetShape")] = Field(
        default=None, description="What is wanted.", examples=[{"at_least": "100 %"}]
    )
    checkpoints: dict[str, Quantity] = Field(
        default_factory=dict,
        description="Values of the indicator asked for by the end of a day, rising to the goal.",
        examples=[{"2026-02-15": "80 %"}],
    )
    start: Date | None = Field(
        default=None, description="The first day; default: the period's.", examples=["2026-01-01"]
    )
    due: Date | None = Field(
        default=None,
        description="Due by the end of this day; default: the period's last.",
        examples=["2026-03-31"],
    )
    needs: list[Text] = Field(
        default_factory=list,
        description="Key results, or external:NAME, that this one depends on.",
        examples=[["dcim-o1-kr1", "external:recruiting"]],
    )
    judgement: Annotated[Json, piece("JudgementShape")] = Field(
        default=None, description="Thresholds of its own.", examples=[{"hold": "1 h"}]
    )
    stale_after: Duration = Field(
        default=None,
        description="How old a reading may grow; default: three intervals, at least 1 h.",
        examples=["1 d"],
    )
    page: bool = Field(
        default=False, description="true: its alerts page the owner.", examples=[True]
    )
    evidence: str | None = Field(
        default=None,
        pattern="^(keys|titles)$",
        description="What is kept of each object: keys (default) or titles.",
        examples=["keys"],
    )
    beside: list[Annotated[Json, piece("BesideShape")]] = Field(
        default_factory=list,
        description="Numbers shown beside it, never judged.",
        examples=[[{"title": "Share in London", "indicator": "hired_london"}]],
    )
    abandoned: Annotated[Json, piece("AbandonedShape")] = Field(
        default=None,
        description="It is given up from a day on; it then counts in no mean.",
        examples=[{"from": "2026-02-16", "reason": "The vendor withdrew the product."}],
    )
    carried: Annotated[Json, piece("CarriedShape")] = Field(
        default=None,
        description="It goes on in another period from a day on; here it then counts in no mean.",
        examples=[{"into": "2026-Q2", "from": "2026-03-02", "reason": "The site is late."}],
    )
    note: Text | None = Field(
        default=None,
        description="What a reader should know.",
        examples=["Devices entered by hand fail."],
    )


class KeyResultShape(ResultShape):
    """One key result."""

    weight: float = Field(
        default=1.0, gt=0, description="Its weight in the objective; default 1.", examples=[2]
    )


class RollupShape(ResultShape):
    """A result of no team, over several of them; it counts in no mean."""

    elsewhere: ClassVar = {"weight": "take it out, because a roll-up counts in no mean"}


class DuplicateShape(Shape):
    """A key result that another team has too; all that it does not say is said there."""

    id: Id = Field(examples=["plat-o6-kr1"])
    duplicate_of: Reference = Field(
        description="The id of the key result that has the indicator and the target.",
        examples=["cops-o3-kr1"],
    )
    title: Text | None = Field(
        default=None,
        description="What people call it here; default: as there.",
        examples=["Mono-repo"],
    )
    owner: Owner = Field(
        default=None,
        description="Who sees to it here: a person or role, or a list of them.",
        examples=["Platform ops lead"],
    )
    page: bool = Field(
        default=False, description="true: its alerts page the owner.", examples=[True]
    )
    note: Text | None = Field(
        default=None,
        description="What a reader should know.",
        examples=["Cluster ops does the work."],
    )


class JointShape(Shape):
    """Whose objective it is too; that team's file does not repeat it."""

    team: Reference = Field(description="The id of the other team.", examples=["ce"])
    as_: Id = Field(
        alias="as", description="The id that the objective has for that team.", examples=["ce-o5"]
    )


class ObjectiveShape(Shape):
    """An objective and its key results."""

    elsewhere: ClassVar = {
        "owner": "owner on its key results; accountable, if it is joint with another team"
    }

    id: Id = Field(examples=["dcim-o1"])
    title: Text = Field(description="What people call it.", examples=["Clusters faster"])
    weight: float = Field(
        default=1.0, gt=0, description="Its weight in the team; default 1.", examples=[2]
    )
    joint_with: Annotated[Json, piece("JointShape")] = Field(
        default=None,
        description="Another team whose objective it is too.",
        examples=[{"team": "ce", "as": "ce-o5"}],
    )
    accountable: Owner = Field(
        default=None,
        description="Who answers for a joint objective: a person or role.",
        examples=["Cluster ops lead"],
    )
    key_results: list[Annotated[Json, piece("AnyKeyResult")]] = Field(
        min_length=1,
        description="What shows that it is reached.",
        examples=[[{"id": "dcim-o1-kr1", "title": "...", "indicator": "..."}]],
    )
