"""Pure judgements of the numbers that issues carry, and of how much of them is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.base import BadAnswer, Json, Outcome, Row, Timeline
from connectors.jira.verdicts import AsksNothing, from_now, identity, looked_at
from connectors.units import in_base_unit

STATUS = "status"
DONE = "done"
"""The key of the status category that Jira calls done, whatever the statuses are called."""

ESTIMATE, REMAINING, SPENT = "timeoriginalestimate", "timeestimate", "timespent"


def number_in(row: Row, word: str) -> float | None:
    """The number that a field of the issue holds, None where it is empty. BadAnswer when it holds
    something else, which is not shown: it may be confidential.
    """
    value = row["fields"].get(word)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        kind = "text" if isinstance(value, str) else type(value).__name__
        raise BadAnswer(
            f'issue {row["key"]}: the field "{word}" holds {kind}; expected a number; fix: name a '
            "field of numbers"
        )
    try:
        return float(value)
    except OverflowError:
        raise _too_large(row, word) from None


def _too_large(row: Row, word: str) -> BadAnswer:
    return BadAnswer(
        f'issue {row["key"]}: the field "{word}" holds a number that is too large to add up'
    )


def is_done(row: Row) -> bool:
    """True when the issue's status is of the category done."""
    status = row["fields"].get(STATUS)
    category = status.get("statusCategory") if isinstance(status, dict) else None
    key = category.get("key") if isinstance(category, dict) else None
    if not isinstance(key, str):
        raise BadAnswer(
            f"issue {row['key']}: got a status without the key of its category; expected new, "
            "indeterminate or done"
        )
    return key == DONE


@dataclass(frozen=True)
class NumberOf(AsksNothing):
    """An issue passes with the number that its field holds, in the base unit of `unit`.

    Of an empty field nothing is known: the verdict is pending and names it, so it adds nothing to
    a sum and is not counted in a mean. With `empty_passes` it passes without a number, so that the
    only issue of a scope has no value, and one of several is still one of several.
    """

    field: str
    unit: str | None = None
    titles: bool = False
    empty_passes: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        empty = {"empty": "pass"} if self.empty_passes else {}
        return identity(self.titles, jira="number", field=self.field, unit=self.unit, **empty)

    @property
    def fields(self) -> frozenset[str]:
        """The field, and the title where it is kept."""
        return looked_at({self.field}, self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass with the number, or what `empty_passes` says with the field as missing."""
        number = number_in(row, self.field)
        if number is None:
            outcome = Outcome.PASS if self.empty_passes else Outcome.PENDING
            return from_now(row, now, outcome, titles=self.titles, missing=(self.field,))
        base = in_base_unit(number, self.unit)
        if base is None:
            raise _too_large(row, self.field)
        return from_now(row, now, Outcome.PASS, titles=self.titles, number=base)


class Weight(Protocol):
    """What an issue weighs in a share of what is done."""

    @property
    def definition(self) -> Json:
        """JSON that identifies it."""
        ...

    @property
    def fields(self) -> frozenset[str]:
        """The fields it looks at."""
        ...

    @property
    def lacking(self) -> str:
        """What an issue without a weight lacks, in words."""
        ...

    def of(self, row: Row) -> float | None:
        """The weight, 0 or more; None when the issue has none."""
        ...


@dataclass(frozen=True)
class FieldWeight:
    """What a field of numbers holds; less than 0 is refused."""

    field: str

    @property
    def definition(self) -> Json:
        """JSON that identifies it."""
        return {"field": self.field}

    @property
    def fields(self) -> frozenset[str]:
        """The field."""
        return frozenset({self.field})

    @property
    def lacking(self) -> str:
        """The field."""
        return self.field

    def of(self, row: Row) -> float | None:
        """The number in the field."""
        return _not_negative(row, self.field)


@dataclass(frozen=True)
class TimeWeight:
    """The issue's own time in seconds: its original estimate; where there is none, what was spent
    and what remains. Not that of its sub-tasks, which bring their own where they are in the scope.
    """

    @property
    def definition(self) -> Json:
        """JSON that identifies it."""
        return "time"

    @property
    def fields(self) -> frozenset[str]:
        """What Jira tracks of an issue's time."""
        return frozenset({ESTIMATE, REMAINING, SPENT})

    @property
    def lacking(self) -> str:
        """The name of the first of them."""
        return "Original estimate"

    def of(self, row: Row) -> float | None:
        """The seconds."""
        estimate = _not_negative(row, ESTIMATE)
        if estimate is not None:
            return estimate
        parts = (_not_negative(row, SPENT), _not_negative(row, REMAINING))
        known = [part for part in parts if part is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class Done(AsksNothing):
    """An issue passes when its status is of the category done, with its weight as number (None:
    each counts the same). An issue without one counts 0 and says what is missing.
    """

    weight: Weight | None = None
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        by = {} if self.weight is None else {"by": self.weight.definition}
        return identity(self.titles, jira="done", **by)

    @property
    def fields(self) -> frozenset[str]:
        """The status, and what the weight and the label are made of."""
        weighed = frozenset[str]() if self.weight is None else self.weight.fields
        return looked_at(weighed | {STATUS}, self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass or a fail from `now` on, with the weight."""
        outcome = Outcome.PASS if is_done(row) else Outcome.FAIL
        if self.weight is None:
            return from_now(row, now, outcome, titles=self.titles)
        weight = self.weight.of(row)
        return from_now(
            row,
            now,
            outcome,
            titles=self.titles,
            number=weight or 0.0,
            missing=(self.weight.lacking,) if weight is None else (),
        )


def _not_negative(row: Row, word: str) -> float | None:
    number = number_in(row, word)
    if number is not None and number < 0:
        raise BadAnswer(
            f'issue {row["key"]}: the field "{word}" holds {number:g}; expected 0 or more, because '
            "it is a weight"
        )
    return number
