"""A set of label values as objects: which were there when, and the judgement of each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Json, Outcome, Row, Timeline, Verdict

Spell = tuple[datetime, datetime | None]
"""From when until when a value was there; None: it still is."""


@dataclass(frozen=True)
class LabelJudge:
    """A value passes while it is there, and is its own key. A row is
    ``{"value": text, "since": moment or None, "spells": [[from, until or None], …]}``, its moments
    in ISO 8601.
    """

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {"judge": "prometheus.label"}

    def judge(self, row: Row, now: datetime) -> Timeline:  # noqa: ARG002  the row says it all
        """The value's timeline."""
        value = str(row["value"])
        verdicts = tuple(
            Verdict(datetime.fromisoformat(begin), _moment(end), Outcome.PASS, keys=(value,))
            for begin, end in row["spells"]
        )
        return Timeline(value, _moment(row["since"]), verdicts, label=value)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def row_of(value: str, since: datetime | None, spells: Sequence[Spell]) -> Row:
    """What a judge looks at."""
    return {
        "value": value,
        "since": None if since is None else since.isoformat(),
        "spells": [
            [begin.isoformat(), None if end is None else end.isoformat()] for begin, end in spells
        ],
    }


def spells_of(
    seen: Sequence[tuple[datetime, Collection[str]]], present: Collection[str], now: datetime
) -> Iterator[tuple[str, list[Spell]]]:
    """When each value was there: `seen` says what the set was at ascending moments before `now`,
    `present` what it is now. A value is there from the moment that first shows it until the one
    that no longer does; between two moments nothing is known, and what both show stayed.
    """
    begun: dict[str, datetime] = {}
    ended: dict[str, list[Spell]] = {}
    for moment, values in (*seen, (now, present)):
        for value in [value for value in begun if value not in values]:
            ended.setdefault(value, []).append((begun.pop(value), moment))
        for value in values:
            begun.setdefault(value, moment)
    for value in sorted(ended.keys() | begun.keys()):
        still: list[Spell] = [(begun[value], None)] if value in begun else []
        yield value, [*ended.get(value, []), *still]
