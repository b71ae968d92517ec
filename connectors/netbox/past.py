"""The past of a scope: when each object was in it, and what judges say of what it was then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from connectors.base import Row, Timeline, Verdict
from connectors.netbox.grounds import Grounds
from connectors.netbox.journal import Journals
from connectors.netbox.needs import FIRST_SEEN, JOURNAL, LISTS_KEY, OTHERS, PASSING, NetBoxJudge
from connectors.netbox.versions import Life, Version

_AT_ONCE = 500


@dataclass(frozen=True)
class Segment:
    """A time in which nothing about an object changed and it was in the scope."""

    start: datetime
    end: datetime
    version: Version


class Past:
    """Tells the past of one scope's objects, up to `now`, for the judges that it can be told for.

    `creations` are the create rows of the log, by object id.
    """

    def __init__(
        self, grounds: Grounds, now: datetime, creations: Mapping[int, Mapping[str, Any]]
    ) -> None:
        self._grounds = grounds
        self._now = now
        self._creations = creations
        self._broken: set[int] = set()
        self._unwritten: set[int] = set()
        self._told: set[int] = set()

    @property
    def untold(self) -> tuple[str, ...]:
        """What is not told, in sentences; complete after `departed`."""
        notes = list(self._grounds.untold)
        if gone := len(self._broken):
            notes.append(
                f"{_objects(gone)} changed without a row in the change log: told from the next "
                "row on"
            )
        if lost := len(self._unwritten):
            notes.append(f"The journals of {_objects(lost)} went with them: those are not told")
        return tuple(notes)

    # ------------------------------------------------------------------------ who is in the scope

    def present(
        self, rows: Sequence[Row], present: Sequence[Sequence[Timeline]]
    ) -> list[list[Timeline]]:
        """The timelines of these objects, by judge, with the past before them where it can be
        told; those that tell it themselves (without `since`) stay.
        """
        self._told |= {row["id"] for row in rows}
        wanted = {
            place
            for place in self._grounds.judges
            if any(timeline.since is not None for timeline in present[place])
        }
        lives = self._lives({row["id"] for row in rows}) if wanted else {}
        return [
            [
                self._before(self._grounds.judges[place], lives[int(one.object_id)], one)
                if place in wanted and one.since is not None
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
            now |= {row["id"]: row for row in page}
        lives = {one: grounds.chronicle.life(one, row) for one, row in now.items()}
        if any(life.broken for life in lives.values()):
            for one in grounds.chronicle.more() & now.keys():  # they changed while we read
                lives[one] = grounds.chronicle.life(one, now[one])
        for hanging in grounds.hanging:
            hanging.load(ids)
        grounds.shapes.fetch(v.data for life in lives.values() for v in life.versions)
        return {one: lives.get(one, Life((), broken=True)) for one in ids}

    def _before(self, judge: NetBoxJudge, life: Life, present: Timeline) -> Timeline:
        one = int(present.object_id)
        known = self._known_from(one, life)
        if known > self._grounds.since:
            self._broken.add(one)
        if known >= self._now:
            return present
        told: list[Verdict] = []
        for segment in self._segments(one, life, known):
            row = self._row(one, segment, present.label)
            _extend(told, judge.judge(row, segment.start).verdicts, segment.end)
        for verdict in present.verdicts:
            _extend(told, [verdict], None)
        return replace(present, since=known, verdicts=tuple(told))

    def _known_from(self, one: int, life: Life) -> datetime:
        """The first moment from which the object is known; `now` when nothing is."""
        known = self._grounds.since
        if life.broken:
            known = life.versions[0].start if life.versions else self._now
        for hanging in self._grounds.hanging:
            known = max(known, hanging.known_from(one) or known)
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

    def _row(self, one: int, segment: Segment, label: str) -> Row:
        """The object as it was, carrying what judges look at."""
        grounds, data = self._grounds, segment.version.data
        lists = {h.strand.name: h.at(one, segment.start) for h in grounds.hanging}
        creation = self._creations.get(one)
        row: dict[str, Any] = {
            "created": creation["time"] if creation else grounds.since.isoformat(),
            **grounds.shapes.shaped(data),
            "id": one,
            "display": label,
            "last_updated": segment.version.start.isoformat(),
            LISTS_KEY: lists,
            PASSING: frozenset(key for key, test in grounds.passing.items() if test(data)),
            FIRST_SEEN: creation,
            JOURNAL: {},
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
            left = {
                one: segments
                for one, life in lives.items()
                if (segments := list(self._segments(one, life, self._known_from(one, life))))
            }
            self._broken |= {one for one, life in lives.items() if life.broken}
            deleted = {one for one in left if grounds.chronicle.deleted(one)}
            told = self._judged(left, deleted)
            yield [told.get(place, []) for place in range(judges)]

    def _judged(
        self, left: Mapping[int, Sequence[Segment]], deleted: set[int]
    ) -> dict[int, list[Timeline]]:
        grounds = self._grounds
        kind = grounds.api.object_type(grounds.endpoint)
        needs = grounds.needs
        journals = Journals(grounds.api, kind, needs.journal, accounts=needs.journal_accounts).of(
            left.keys() - deleted
        )
        found: dict[int, list[Timeline]] = {}
        for place, judge in grounds.judges.items():
            for one, segments in left.items():
                if one in deleted and judge.needs.journal:
                    self._unwritten.add(one)
                    continue
                found.setdefault(place, []).append(
                    self._of_departed(judge, one, segments, journals.get(one, {}))
                )
        return found

    def _of_departed(
        self, judge: NetBoxJudge, one: int, segments: Sequence[Segment], journal: Any
    ) -> Timeline:
        told: list[Verdict] = []
        label = self._grounds.chronicle.name(one)
        whole = False
        for segment in segments:
            row = {**self._row(one, segment, label), JOURNAL: journal}
            timeline = judge.judge(row, segment.start)
            if timeline.since is None:  # it tells the whole past: the last word counts
                told, whole = [], True
            _extend(told, timeline.verdicts, segment.end)
        since = None if whole else segments[0].start
        return Timeline(str(one), since, tuple(told), label)


def _at(life: Life, moment: datetime) -> Version | None:
    for version in life.versions:
        if version.start <= moment and (version.end is None or moment < version.end):
            return version
    return None


def _extend(told: list[Verdict], verdicts: Sequence[Verdict], end: datetime | None) -> None:
    """Adds verdicts, cut at `end`; one that goes on saying the same is joined to the last."""
    for verdict in verdicts:
        if end is not None and verdict.valid_from >= end:
            return
        until = verdict.valid_to
        if end is not None and (until is None or until > end):
            until = end
        cut = replace(verdict, valid_to=until)
        if told and told[-1].valid_to == cut.valid_from and _same(told[-1], cut):
            told[-1] = replace(told[-1], valid_to=cut.valid_to)
        else:
            told.append(cut)


def _same(one: Verdict, other: Verdict) -> bool:
    return replace(one, valid_from=other.valid_from, valid_to=other.valid_to) == other


def _objects(count: int) -> str:
    return "1 object" if count == 1 else f"{count} objects"
