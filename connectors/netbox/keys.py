"""The keys that objects put into a set. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from connectors.base import Json, Outcome, Row, Timeline, Verdict
from connectors.netbox.fields import names_of, path_of, value_at
from connectors.netbox.judges import from_now, lacking, timeline
from connectors.netbox.needs import Needs, merged
from connectors.netbox.points import CREATED, Point, definition_of, moment, needs_of, parsed
from connectors.netbox.required import Requirement
from connectors.spells import joined, within


@dataclass(frozen=True)
class KeysJudge:
    """Passes what has a key and everything that is required; both carry their keys.

    - A list gives several keys, a reference its slug (else name), a choice its value; numbers are
      written out. An object without a key fails, with the key's path as what is missing.
    - Without `at` the verdict holds from now on. With it, from that moment of the object on; until
      then, or as long as nobody knows when, the object is pending, with its keys. That is its
      whole past, told every time, unless something is required, of which only now is known: then
      the verdict holds from now on and says when the keys came into the set.
    """

    key: str
    at: Point | None = None
    required: tuple[Requirement, ...] = ()
    timezone: str = "UTC"

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        entries = [entry.model_dump(exclude_defaults=True) for entry in self.required]
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
        if not self.required:
            return timeline(row, None, *self._course(row, verdict, at, now))
        from_now_on = (
            within(each, now, None, whole=True) for each in self._course(row, verdict, at, now)
        )
        return timeline(row, now, *joined(from_now_on))

    def _course(self, row: Row, verdict: Verdict, at: Point, now: datetime) -> Iterator[Verdict]:
        """Pending until the moment, and the verdict from then on."""
        born, then = parsed(row[CREATED]) or now, moment(row, at, self.timezone)
        notes = (then.note,) if then.note else ()
        waiting = Verdict(born, then.at, Outcome.PENDING, missing=(str(at),), keys=verdict.keys)
        if then.at is None:
            yield replace(waiting, missing=notes or (str(at),))
            return
        if then.at > born:
            yield waiting
        yield replace(verdict, valid_from=then.at, missing=(*verdict.missing, *notes))


def _keys(value: Json) -> Iterator[str]:
    for name in names_of(value):
        text = "" if name is None else str(name).strip()
        if text:
            yield text
