"""The past of a scope: when each object was in it, and what judges say of what it was then.

A judge that tells an object's whole past by itself is asked of each version too: what it says
counts while the object was in the scope.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from connectors.base import Row, Timeline, Verdict
from connectors.netbox.grounds import Grounds
from connectors.netbox.journal import Journal, Journals
from connectors.netbox.needs import FIRST_SEEN, JOURNAL, LISTS_KEY, OTHERS, PASSING, NetBoxJudge
from connectors.netbox.points import CREATED
from connectors.netbox.reader import Reader
from connectors.netbox.versions import Life, Version
from connectors.spells import joined, within

_AT_ONCE = 500
_BIRTH = (CREATED,)
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Segment:
    """A time in which nothing about an object changed and it was in the scope."""

    start: datetime
    end: datetime
    version: Version


class Past:
    """Tells the past of one scope's objects, up to `now`, for the judges that it can be told for.
    The log's create rows are read by `reader`.
    """

    def __init__(self, grounds: Grounds, now: datetime, reader: Reader) -> None:
        self._grounds = grounds
        self._now = now
        self._reader = reader
        self._creations = dict(reader.creations())
        self._broken: set[int] = set()
        self._unwritten: set[int] = set()
        self._told: set[int] = set()
        self._born: dict[int, str] = {}
        self._unborn: set[int] = set()
        self.known_since = grounds.since
        """The moment from which all that was in the scope is known; settled after `departed`."""

    @property
    def untold(self) -> tuple[str, ...]:
        """What is not told, in sentences, whatever is judged; complete after `departed`."""
        notes = list(self._grounds.untold)
        if gone := len(self._broken):
            notes.append(
                f"{_objects(gone)} changed without a row in the change log: told from the next "
                "row on"
            )
        return tuple(notes)

    def untold_of(self, judges: int) -> tuple[tuple[str, ...], ...]:
        """What each of so many judges cannot tell beyond that."""
        return tuple(tuple(self._untold_of(place)) for place in range(judges))

    def _untold_of(self, place: int) -> Iterator[str]:
        if place in self._grounds.untold_of:
            yield self._grounds.untold_of[place]
            return
        needs = self._grounds.judges[place].needs
        if self._unwritten and needs.journal:
            many = _objects(len(self._unwritten))
            yield f"The journals of {many} went with them: those are not told"
        if self._unborn and _BIRTH in needs.paths:
            many, were = _objects(len(self._unborn)), "was" if len(self._unborn) == 1 else "were"
            yield (
                f"When {many} {were} created that {were} deleted since is not in the change log "
                "any more: not told"
            )

    # ------------------------------------------------------------------------ who is in the scope

    def present(
        self, rows: Sequence[Row], present: Sequence[Sequence[Timeline]]
    ) -> list[list[Timeline]]:
        """The timelines of these objects, by judge, with the past before them where it can be
        told.
        """
        journals = {row["id"]: row[JOURNAL] for row in rows}
        self._told |= journals.keys()
        judges = self._grounds.judges
        lives = self._lives(set(journals)) if judges else {}
        return [
            [
                self._before(judges[place], lives[int(one.object_id)], one, journals)
                if place in judges
                else one
                for one in timelines
            ]
            for place, timelines in enumerate(present)
        ]

    def _lives(self, ids: set[int]) -> dict[int, Life]:
        grounds = self._grounds
        now: dict[int, Row] = {}
        for page in grounds.api.of_ids(grounds.endpoint, [], grounds.fields, "id", ids, _AT_ONCE):
            grounds.shapes.learn(page, grounds.paths)
            self._born |= {row["id"]: row[CREATED] for row in page if row.get(CREATED)}
            now |= {row["id"]: row for row in page}
        lives = {one: grounds.chronicle.life(one, row) for one, row in now.items()}
        if any(life.broken for life in lives.values()):
            for one in grounds.chronicle.more() & now.keys():  # they changed while we read
                lives[one] = grounds.chronicle.life(one, now[one])
        for hanging in grounds.hanging:
            hanging.load(ids)
        grounds.shapes.fetch(v.data for life in lives.values() for v in life.versions)
        return {one: lives.get(one, Life((), broken=True)) for one in ids}

    def _before(
        self, judge: NetBoxJudge, life: Life, present: Timeline, journals: Mapping[int, Journal]
    ) -> Timeline:
        one, whole = int(present.object_id), present.since is None
        known = self._known_from(one, life)
        if known > self._grounds.since:
            self._broken.add(one)
        if known >= self._now:
            return present
        told = joined(
            [
                # What was before anything is known, such a judge says all the same.
                *(within(each, _EVER, known, whole=True) for each in present.verdicts if whole),
                *self._judged_then(judge, one, life, known, present.label, journals[one]),
                *(within(each, self._now, None, whole=whole) for each in present.verdicts),
            ]
        )
        return replace(present, since=None if whole else known, verdicts=told)

    def _judged_then(
        self,
        judge: NetBoxJudge,
        one: int,
        life: Life,
        known: datetime,
        label: str,
        journal: Journal,
    ) -> Iterator[Verdict | None]:
        """What the judge said of the object at each time that it was in the scope."""
        for segment in self._segments(one, life, known):
            row = self._row(one, segment, label, journal)
            said = judge.judge(row, segment.start)
            whole = said.since is None
            if whole:  # how far it looks ahead depends on when it is asked
                said = judge.judge(row, segment.end)
            for verdict in said.verdicts:
                yield within(verdict, segment.start, segment.end, whole=whole)

    def _known_from(self, one: int, life: Life) -> datetime:
        """The first moment from which the object is known; `now` when nothing is."""
        known = self._grounds.since
        if life.broken:
            known = life.versions[0].start if life.versions else self._now
        for hanging in self._grounds.hanging:
            known = max(known, hanging.known_from(one) or known)
        self.known_since = max(self.known_since, min(known, self._now))
        return min(known, self._now)

    def _segments(self, one: int, life: Life, known: datetime) -> Iterator[Segment]:
        moments = {known, self._now}
        for version in life.versions:
            moments |= {version.start, version.end or self._now}
        for hanging in self._grounds.hanging:
            moments |= set(hanging.moments(one))
        ordered = sorted(moment for moment in moments if known <= moment <= self._now)
        for start, end in pairwise(ordered):
            was = _at(life, start)
            if was is not None and self._grounds.in_scope(was.data):
                yield Segment(start, end, was)

    def _row(self, one: int, segment: Segment, label: str, journal: Journal) -> Row:
        """The object as it was, carrying what judges look at."""
        grounds, data = self._grounds, segment.version.data
        lists = {h.strand.name: h.at(one, segment.start) for h in grounds.hanging}
        creation = self._creations.get(one)
        row: dict[str, Any] = {
            CREATED: self._born.get(one, grounds.since.isoformat()),
            **grounds.shapes.shaped(data),
            "id": one,
            "display": label,
            "last_updated": segment.version.start.isoformat(),
            LISTS_KEY: lists,
            PASSING: frozenset(key for key, test in grounds.passing.items() if test(data)),
            FIRST_SEEN: creation,
            JOURNAL: journal,
            OTHERS: {},
        }
        for head, pointer in grounds.pointers.items():
            row[head] = next((held[pointer.holder] for held in lists[head]), None)
        return row

    # ------------------------------------------------------------------------------- who left it

    def departed(self, judges: int) -> Iterator[list[list[Timeline]]]:
        """The timelines, for each of so many judges, of objects that were in the scope and left it
        or were deleted: their last verdict ends when they left. Call it when all that is in the
        scope has been told.
        """
        grounds = self._grounds
        if not grounds.judges:
            return
        grounds.chronicle.more()
        gone = sorted(grounds.chronicle.entries.keys() - self._told)
        for start in range(0, len(gone), _AT_ONCE):
            part = set(gone[start : start + _AT_ONCE])
            for hanging in grounds.hanging:
                hanging.load(part)
            lives = {
                one: grounds.chronicle.life(one, None, there=one not in grounds.vanished)
                for one in part
            }
            grounds.shapes.fetch(v.data for life in lives.values() for v in life.versions)
            known = {one: self._known_from(one, life) for one, life in lives.items()}
            left = {
                one: life
                for one, life in lives.items()
                if any(True for _ in self._segments(one, life, known[one]))
            }
            self._broken |= {one for one, life in lives.items() if life.broken}
            if _BIRTH in grounds.needs.paths:
                self._find_births(set(left))
            told = self._judged(left, known)
            yield [told.get(place, []) for place in range(judges)]

    def _find_births(self, ids: set[int]) -> None:
        """When these objects were created: as they say, or, of those that were deleted, the log."""
        grounds = self._grounds
        for page in grounds.api.of_ids(grounds.endpoint, [], ["id", CREATED], "id", ids):
            self._born |= {row["id"]: row[CREATED] for row in page if row.get(CREATED)}
        rest = ids - self._born.keys()
        self._creations |= self._reader.creations_of(rest - self._creations.keys())
        self._born |= {one: self._creations[one]["time"] for one in rest & self._creations.keys()}
        self._unborn |= ids - self._born.keys()

    def _judged(
        self, left: Mapping[int, Life], known: Mapping[int, datetime]
    ) -> dict[int, list[Timeline]]:
        grounds = self._grounds
        deleted = {one for one in left if grounds.chronicle.deleted(one)}
        kind = grounds.api.object_type(grounds.endpoint)
        needs = grounds.needs
        journals = Journals(grounds.api, kind, needs.journal, accounts=needs.journal_accounts).of(
            left.keys() - deleted
        )
        found: dict[int, list[Timeline]] = {}
        for place, judge in grounds.judges.items():
            for one, life in left.items():
                if one in deleted and judge.needs.journal:
                    self._unwritten.add(one)
                    continue
                if one in self._unborn and _BIRTH in judge.needs.paths:
                    continue
                label, journal = grounds.chronicle.name(one), journals.get(one, {})
                told = joined(self._judged_then(judge, one, life, known[one], label, journal))
                if told:
                    gone = Timeline(str(one), known[one], told, label)
                    found.setdefault(place, []).append(gone)
        return found


def _at(life: Life, moment: datetime) -> Version | None:
    for version in life.versions:
        if version.start <= moment and (version.end is None or moment < version.end):
            return version
    return None


def _objects(count: int) -> str:
    return "1 object" if count == 1 else f"{count} objects"
