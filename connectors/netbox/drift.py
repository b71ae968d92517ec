"""Whether a field says what it should: a declared value, or what another object says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from connectors.base import Json, Row, Timeline
from connectors.netbox.fields import filled, matches, names_of, path_of, value_at
from connectors.netbox.filters import FilterValue, Scalar
from connectors.netbox.judges import from_now
from connectors.netbox.needs import OTHERS, Needs, Other
from connectors.netbox.words import EndpointField, FieldPath, FilterField

SHOWN_CHARACTERS = 60
SHOWN_VALUES = 3


class Expected(BaseModel):
    """What the field should say, read of other objects of the same NetBox."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: EndpointField
    filter: FilterField = Field(
        default={}, description="Which of the other objects count; default: all of them."
    )
    match: FieldPath = Field(
        description="The field of the other object that names its counterpart here.",
        examples=["name", "cf.serial"],
    )
    by: FieldPath = Field(
        description="The field of the object here that it is matched with.",
        examples=["name", "serial"],
    )
    field: FieldPath = Field(
        description="The field of the other object whose value is expected.",
        examples=["status", "cf.planned_rack"],
    )

    @property
    def other(self) -> Other:
        """The other side, as the session reads it."""
        return Other(self.endpoint, self.filter, path_of(self.match), path_of(self.field))


Sides = Mapping[str, Sequence[Json]]
"""The values of the other side by what they are matched with; several where several objects are."""


@dataclass(frozen=True)
class DriftJudge:
    """Passes what agrees, fails what differs and says how: "FIELD is X, expected Y".

    References are compared by slug (else name), choices by value, numbers as numbers; a list in
    either place means any, null means empty. Compared with other objects, the one here agrees
    when any counterpart says the same (both empty is the same); without a counterpart it fails.
    """

    field: str
    expected: FilterValue | Expected

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        expected = self.expected
        told = expected.model_dump() if isinstance(expected, Expected) else expected
        return {"judge": "netbox.drift", "field": self.field, "expected": told}

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        paths = {path_of(self.field)}
        if not isinstance(self.expected, Expected):
            return Needs(frozenset(paths), named=frozenset(paths))
        paths.add(path_of(self.expected.by))
        other = self.expected.other
        return Needs(frozenset(paths), named=frozenset(paths), others={other.key: other})

    def judge(self, row: Row, now: datetime) -> Timeline:
        """Pass or fail from `now` on; what stood before is history."""
        value = value_at(row, path_of(self.field), "these objects")
        if isinstance(self.expected, Expected):
            return from_now(row, now, self._against(row, value, self.expected))
        if matches(value, self.expected):
            return from_now(row, now)
        wanted = self.expected if isinstance(self.expected, list) else [self.expected]
        return from_now(row, now, [self._differs(value, wanted)])

    def _against(self, row: Row, value: Json, expected: Expected) -> list[str]:
        here = value_at(row, path_of(expected.by), "these objects")
        if not filled(here):
            return [f"{expected.by} is empty, nothing to match by"]
        sides: Sides = row[OTHERS][expected.other.key]
        there = [one for name in names_of(here) for one in sides.get(match_key(name), ())]
        if not there:
            who = _shown(list(names_of(here)))
            return [f"no object of {expected.endpoint} has {expected.match} {who}"]
        if any(agrees(value, one) for one in there):
            return []
        return [self._differs(value, [name for one in there for name in _names(one)])]

    def _differs(self, value: Json, wanted: Sequence[Scalar]) -> str:
        return f"{self.field} is {_shown(_names(value))}, expected {_shown(wanted)}"


def match_key(name: Scalar) -> str:
    """What two sides are matched with: texts, numbers and flags alike by how they are written."""
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    return str(name).strip()


def agrees(one: Json, other: Json) -> bool:
    """Whether two fields say the same: by their names, and lists whatever their order."""
    if filled(one) != filled(other):
        return False
    return {match_key(name) for name in _names(one)} == {match_key(name) for name in _names(other)}


def _names(value: Json) -> list[Scalar]:
    return list(names_of(value)) if filled(value) else [None]


def _shown(names: Sequence[Scalar]) -> str:
    told = ["empty" if name is None else str(name)[:SHOWN_CHARACTERS] for name in names]
    more = f" or {len(told) - SHOWN_VALUES} others" if len(told) > SHOWN_VALUES else ""
    return " or ".join(dict.fromkeys(told[:SHOWN_VALUES])) + more
