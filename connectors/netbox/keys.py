"""The keys that objects put into a set. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Json, Outcome, Row, Timeline, Verdict
from connectors.netbox.fields import names_of, path_of, value_at
from connectors.netbox.judges import from_now, lacking, timeline
from connectors.netbox.needs import Needs, merged
from connectors.netbox.points import CREATED, Point, definition_of, moment, needs_of, parsed
from connectors.netbox.required import Requirement


@dataclass(frozen=True)
class KeysJudge:
    """Passes what has a key and everything that is required; both carry their keys.

    - A list gives several keys, a reference its slug (else name), a choice its value; numbers are
      written out. An object without a key fails, with the key's path as what is missing.
    - Without `at` the verdict holds from now on. With it, from that moment of the object on (and
      its whole history is rewritten each time); until then, or as long as nobody knows when, the
      object is pending, with its keys.
    """

    key: str
    at: Point | None = None
    required: tuple[Requirement, ...] = ()
    timezone: str = "UTC"

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        entries = [entry.model_dump(mode="json", exclude_defaults=True) for entry in self.required]
        return {
            "judge": "netbox.keys",
            "key": self.key,
            "at": None if self.at is None else [definition_of(self.at), self.timezone],
            "required": entries,
        }

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        points = [] if self.at is None else [needs_of([self.at])]
        path = frozenset({path_of(self.key)})
        key = Needs(path, named=path)
        return merged([key, *points, *(entry.needs for entry in self.required)])

    def judge(self, row: Row, now: datetime) -> Timeline:
        """Pass or fail with the keys: from `now` on, or from `at` on and pending before."""
        keys = tuple(dict.fromkeys(_keys(value_at(row, path_of(self.key), "these objects"))))
        missing = dict.fromkeys(() if keys else (self.key,)) | dict.fromkeys(
            lacking(row, self.required)
        )
        said = from_now(row, now, missing, keys)
        return said if self.at is None else self._since_then(row, said.verdicts[0], self.at, now)

    def _since_then(self, row: Row, verdict: Verdict, at: Point, now: datetime) -> Timeline:
        born, then = parsed(row[CREATED]) or now, moment(row, at, self.timezone)
        notes = (then.note,) if then.note else ()
        if then.at is None:
            open_ = notes or (str(at),)
            waiting = Verdict(born, None, Outcome.PENDING, missing=open_, keys=verdict.keys)
            return timeline(row, None, waiting)
        arrived = replace(verdict, valid_from=then.at, missing=(*verdict.missing, *notes))
        if then.at <= born:
            return timeline(row, None, arrived)
        before = Verdict(born, then.at, Outcome.PENDING, missing=(str(at),), keys=verdict.keys)
        return timeline(row, None, before, arrived)


def _keys(value: Json) -> Iterator[str]:
    for name in names_of(value):
        text = "" if name is None else str(name).strip()
        if text:
            yield text
