"""What an author requires of each object: plain fields, and fields of its lists. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.base import Json, Row
from connectors.netbox.fields import filled, matches, path_of, value_at
from connectors.netbox.filters import FilterValue
from connectors.netbox.needs import LISTS_KEY, Needs, merged
from connectors.netbox.words import FieldPath

Conditions = Annotated[
    dict[FieldPath, FilterValue],
    Field(
        description="Field to value: references by slug, choices by value, null for empty; a list "
        "means any. All must hold.",
        examples=[{"role": ["server", "compute"]}, {"parent_device": None}],
    ),
]


class ListField(BaseModel):
    """A field of the rows of one of the object's lists: interfaces, power-ports, ..."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: str | None = Field(
        default=None,
        description="A list of the object: each of its rows (after `where`) must have the field. "
        "An object without such rows lacks nothing.",
        examples=["interfaces"],
    )
    any: str | None = Field(
        default=None,
        description="A list of the object: one of its rows (after `where`) must have the field. "
        "An object without such rows lacks it.",
        examples=["power-ports"],
    )
    where: Conditions = Field(default={}, description="Which rows count; default: all of them.")
    has: FieldPath = Field(description="The field that the rows must have.", examples=["cable"])

    @model_validator(mode="after")
    def _one_quantifier(self) -> ListField:
        if (self.every is None) == (self.any is None):
            raise ValueError(
                "expected exactly one of every, any: {every: interfaces, has: cable} or "
                "{any: interfaces, has: cable}"
            )
        return self

    @property
    def name(self) -> str:
        """The list's name."""
        return self.every or self.any or ""

    def __str__(self) -> str:
        """The field as its author wrote it."""
        parts = [f"every: {self.every}" if self.every else f"any: {self.any}"]
        if self.where:
            inner = ", ".join(f"{key}: {_yaml(value)}" for key, value in self.where.items())
            parts.append(f"where: {{{inner}}}")
        return f"{{{', '.join([*parts, f'has: {self.has}'])}}}"

    def held_by(self, rows: list[Row]) -> bool:
        """Whether the rows of the list have the field, as `every` or `any` asks."""
        counted = [row for row in rows if _all_hold(row, self.where, self.name)]
        has = (filled(value_at(row, path_of(self.has), self.name)) for row in counted)
        return all(has) if self.every else any(has)


class Requirement(BaseModel):
    """Fields that every object needs, or every object for which `when` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Conditions = Field(
        default={}, description="Which objects this entry is for; default: all of them."
    )
    fields: list[FieldPath | ListField] = Field(
        min_length=1,
        description="What must be filled. Empty text, null and [] are missing; 0 and false count.",
        examples=[
            ["serial", "asset_tag", "rack", "primary_ip4"],
            [
                "cf.delivered_at",
                {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"},
            ],
        ],
    )

    def missing(self, row: Row) -> Iterator[str]:
        """The fields this entry asks for that the object lacks, in the author's words."""
        if self.when and not _all_hold(row, self.when, "these objects"):
            return
        for field in self.fields:
            if isinstance(field, ListField):
                held = field.held_by(row[LISTS_KEY][field.name])
            else:
                held = filled(value_at(row, path_of(field), "these objects"))
            if not held:
                yield str(field)

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        plain = [path_of(field) for field in self.fields if isinstance(field, str)]
        conditions = [path_of(key) for key in self.when]
        lists = [
            Needs(lists={one.name: frozenset(map(path_of, (one.has, *one.where)))})
            for one in self.fields
            if isinstance(one, ListField)
        ]
        return merged([Needs(frozenset([*plain, *conditions]), frozenset(conditions)), *lists])


def _all_hold(row: Row, conditions: dict[str, FilterValue], what: str) -> bool:
    return all(
        matches(value_at(row, path_of(key), what), wanted) for key, wanted in conditions.items()
    )


def _yaml(value: Json) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
