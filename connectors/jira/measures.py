"""The measures of kind ``jira``: what an author writes, and the plan it makes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    Aggregation,
    Dimension,
    Json,
    Measure,
    PlanContext,
    ScanPlan,
    Scope,
)
from connectors.jira.jql import checked
from connectors.jira.judges import Complete, IssueJudge, Passing, Present, Requirement
from connectors.jira.verdicts import identity

Jql = Annotated[str, AfterValidator(checked)]
"""A query in Jira's own words, without ORDER BY, quotes and brackets balanced."""

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A field by name or id, as people write it: ``PO number``, ``customfield_10042``, ``duedate``."""

_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]*")


def _key(text: str) -> str:
    key = text.strip().upper()
    if not _KEY.fullmatch(key):
        raise ValueError(f'got "{text}"; expected the key of an issue, such as PROC-101')
    return key


IssueKey = Annotated[str, AfterValidator(_key)]
"""An issue's key such as ``PROC-101``, in capitals as Jira writes it."""

_Scalar = str | int | float | bool | None


class JiraMeasure(Measure):
    """What every measure over Jira issues shares: its scope, as a query or as a board."""

    jql: Jql | None = Field(
        default=None,
        description="The issues looked at, in JQL without ORDER BY.",
        examples=["project = CE AND labels = cka"],
    )
    board: PositiveInt | None = Field(
        default=None,
        description="The id of a board, instead of jql: the issues of its filter.",
        examples=[42],
    )

    scopes: ClassVar[tuple[str, ...]] = ("jql", "board")
    """The options that say which issues are looked at; exactly one of them is given."""

    @model_validator(mode="after")
    def _has_one_scope(self) -> Self:
        if len(self._given()) != 1:
            found = " and ".join(self._given()) or "none"
            *most, last = self.scopes
            raise ValueError(
                f"got {found} of {', '.join(most)} and {last}; expected exactly one of them"
            )
        return self

    def _given(self) -> dict[str, Json]:
        values = ((name, getattr(self, name)) for name in self.scopes)
        return {name: value for name, value in values if value is not None}

    @property
    def titles(self) -> bool:
        """True when titles are kept beside keys as evidence."""
        return self.evidence == "titles"

    def scope(self, source: str) -> Scope:
        """The issues looked at, in the source of this name. With titles it is a scope of its own:
        what is kept of an object is kept with its scope, and who asks for keys gets no titles that
        somebody else has asked for.
        """
        return Scope(source=source, definition=identity(self.titles, kind="jira", **self._given()))

    def _scan(
        self, source: str, judge: IssueJudge, how: Aggregation, dimension: Dimension
    ) -> ScanPlan:
        return ScanPlan(
            scope=self.scope(source), judge=judge, aggregate=Aggregate(how), dimension=dimension
        )


class Count(JiraMeasure):
    """How many issues there are in the scope."""

    measure: Literal["jira.count"]

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope, each one counted."""
        return self._scan(source, Present(self.titles), Aggregation.COUNT, Dimension.COUNT)


class Ratio(JiraMeasure):
    """The share of the scope's issues that also satisfy `passing`."""

    measure: Literal["jira.ratio"]
    passing: Jql = Field(
        description="JQL that is ANDed to the scope, so the passing issues are always inside it.",
        examples=["statusCategory = Done"],
    )

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope, each one passing or not."""
        judge = Passing(self.passing, self.titles)
        return self._scan(source, judge, Aggregation.SHARE, Dimension.RATIO)


class RequiredFields(BaseModel):
    """Fields that must be filled, always or where `when` holds of the issue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: dict[Word, _Scalar | list[_Scalar]] = Field(
        default_factory=dict,
        description="Conditions on the issue itself, all of which must hold: choices by name, "
        "null means empty, a list means any of them.",
        examples=[{"issuetype": "Purchase", "priority": ["P0", "P1"]}],
    )
    fields: list[Word] = Field(
        min_length=1,
        description="Fields by name or id. Blank text, null and [] are missing; 0 and false are "
        "not.",
        examples=[["PO number", "Invoice number"]],
    )


def requirements(entries: Iterable[RequiredFields]) -> tuple[Requirement, ...]:
    """What the judges make of what an author wrote."""
    return tuple(
        Requirement(fields=tuple(entry.fields), when=dict(entry.when)) for entry in entries
    )


class Completeness(JiraMeasure):
    """The share of the scope's issues on which every required field is filled."""

    measure: Literal["jira.completeness"]
    required: list[RequiredFields] = Field(
        min_length=1, description="Every entry whose `when` holds adds its fields."
    )

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope, each one complete or not."""
        judge = Complete(requirements(self.required), self.titles)
        return self._scan(source, judge, Aggregation.SHARE, Dimension.RATIO)
