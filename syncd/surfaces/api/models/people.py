"""What people say, as documents: what they send, and what became of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

from syncd.intake.adjusting import SETTABLE
from syncd.intake.texts import LONGEST_NAME, LONGEST_NOTE
from syncd.model import AdjustmentKind, ExternalState, Status
from syncd.surfaces.api.models.base import Asked, Document, Moment, Page

MOMENT = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$"
"""A day, or a moment, as people write them."""
SEEN = r"\S"
"""A text with something in it that can be seen."""


class Said(Document):
    """What a person says of a key result."""

    id: str
    kind: AdjustmentKind
    status: Status | None
    """Of an override: the status that is told instead."""
    by: str
    reason: str
    since: Moment
    until: Moment | None
    text: str


class Adjustment(Said):
    """A note, a pause or an override, and what became of it."""

    key_result: str
    key: str
    """The permanent name of the key result, with its period."""
    in_force: bool
    """Whether it changes what is told: never true of a note."""
    withdrawn_at: Moment | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


class Adjustments(Asked, Page):
    """A page of all that people said of a key result, the oldest first."""

    adjustments: list[Adjustment]


class State(Document):
    """How a dependency outside stands, as somebody said it."""

    state: ExternalState | None
    note: str | None
    by: str | None
    since: Moment | None
    recorded_at: Moment | None


class WrittenState(State):
    """What was written down."""

    name: str


class External(State):
    """A dependency outside the key results; `state` null: nobody has said anything."""

    name: str
    period: str
    title: str
    owner: str | None
    due_at: Moment | None
    due_text: str | None
    plan: str | None
    needed_by: list[str]


class Externals(Asked, Page):
    """A page of the dependencies outside."""

    externals: list[External]


class WrittenNumber(Document):
    """A number that was written down."""

    indicator: str
    value: float
    value_text: str
    by: str
    note: str | None
    at: Moment


# ----------------------------------------------------------------------------- what they send


class Given(BaseModel):
    """What people send: every key is declared, and null is as good as left out."""

    model_config = ConfigDict(extra="forbid")


By = Annotated[
    StrictStr,
    Field(description="who says so", pattern=SEEN, max_length=LONGEST_NAME, examples=["Ada"]),
]
Note = Annotated[StrictStr, Field(max_length=LONGEST_NOTE)]
Day = Annotated[StrictStr, Field(pattern=MOMENT)]


class GivenNumber(Given):
    """A number of a manual indicator."""

    value: Annotated[StrictStr, Field(pattern=SEEN, max_length=100)] | StrictInt | StrictFloat = (
        Field(description='the number, such as "62 %" or 3', examples=["62 %"])
    )
    by: By
    note: Note | None = Field(
        default=None, description="what a reader should know", examples=["the contract is signed"]
    )
    at: Day | None = Field(default=None, description="a day or a moment that has come")


class Acceptance(Given):
    """That a number which is not believed is right."""

    reason: Annotated[Note, Field(pattern=SEEN)] = Field(
        description="why it is right", examples=["hall 5 was taken over"]
    )
    by: By


class AcceptedNumber(Document):
    """What was accepted, as it was written down."""

    indicator: str
    text: str
    """What was not believed, and why."""
    told: bool
    """It is told from now on; false: its scope is read again, and told if it stays so."""
    by: str
    reason: str


class GivenState(Given):
    """How a dependency outside stands."""

    state: ExternalState = Field(
        description="on_track, at_risk, slipped or done", examples=["slipped"]
    )
    note: Annotated[Note, Field(pattern=SEEN)] = Field(
        description="why it is so", examples=["two offers declined"]
    )
    by: By
    at: Day | None = Field(default=None, description="a day or a moment that has come")


class GivenAdjustment(Given):
    """A note, a pause or an override."""

    kind: AdjustmentKind = Field(description="note, pause or override", examples=["override"])
    reason: Annotated[Note, Field(pattern=SEEN)] = Field(
        description="why, or what the note says",
        examples=["the vendor imports them on 14 March"],
    )
    by: By
    until: Day | None = Field(
        default=None,
        description="the last day of a pause or an override, or a moment",
        examples=["2026-03-15"],
    )
    status: Status | None = Field(
        default=None,
        description="what an override sets: "
        + ", ".join(one.value for one in SETTABLE[:-1])
        + f" or {SETTABLE[-1].value}",
        examples=["on_track"],
        json_schema_extra={"enum": [*(one.value for one in SETTABLE), None]},
    )
    at: Day | None = Field(
        default=None, description="of a note: the day or the moment it is of, that has come"
    )


class Withdrawal(Given):
    """Why what was said is taken back."""

    reason: Annotated[Note, Field(pattern=SEEN)] = Field(
        description="why it is withdrawn", examples=["they did"]
    )
    by: By
