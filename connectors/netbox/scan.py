"""One scan: everything the first time, afterwards what changed, and what left found by counting.

A turn in which nothing changed costs one look at the change log, one at `last_updated` and one
exact count (one more for each `passing` filter). When a count is not what it should be, the
filters are proven again (a custom field may be gone) and ids are listed; only the differing
objects are read. What two objects swap in silence, and what changed while the log was closed to
us, is found by the daily full read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

from connectors.base import (
    BadAnswer,
    Batch,
    Cursor,
    Json,
    Row,
    ScanJob,
    Timeline,
    UpstreamError,
    about,
    fingerprint,
    judge_fingerprint,
)
from connectors.netbox.api import Api
from connectors.netbox.changes import ChangeLog, HistoryLost, Mark, Touched
from connectors.netbox.filters import Filter
from connectors.netbox.grounds import Grounds, Untellable
from connectors.netbox.idset import packed, unpacked
from connectors.netbox.needs import PASSING, NetBoxJudge, merged
from connectors.netbox.others import Others
from connectors.netbox.past import Past
from connectors.netbox.proofs import Proven, ensure_honoured
from connectors.netbox.reader import Reader
from connectors.netbox.stamps import Stamps, first_stamps, stamped_since

VERSION = 2
"""Of the cursor's shape: another one means reading everything again."""


@dataclass
class State:
    """What a scan knows besides the store: where the log and the stamps stand, the ids that match
    each passing filter, and what the other sides of drifts looked like and said.
    """

    log: Mark | None
    stamps: Stamps
    passing: dict[str, set[int]] = field(default_factory=dict)
    glance: Json = None
    digest: str = ""

    def dumped(self, judges: str) -> Cursor:
        """JSON for a cursor."""
        return {
            "version": VERSION,
            "judges": judges,
            "log": None if self.log is None else self.log.dumped(),
            "stamps": self.stamps.dumped(),
            "passing": {key: packed(ids) for key, ids in self.passing.items()},
            "others": [self.glance, self.digest],
        }

    @classmethod
    def loaded(cls, cursor: Cursor) -> State:
        """The state again."""
        return cls(
            None if cursor["log"] is None else Mark.loaded(cursor["log"]),
            Stamps.loaded(cursor["stamps"]),
            {key: unpacked(ids) for key, ids in cursor["passing"].items()},
            *cursor["others"],
        )


class Scan:
    """One run over one scope, for all of its judges."""

    def __init__(self, api: Api, job: ScanJob, browse_url: str, proven: Proven) -> None:
        self._api = api
        self._job = job
        self._proven = proven
        self._endpoint: str = job.scope.definition["endpoint"]
        self._filter: Filter = job.scope.definition["filter"]
        self._judges = cast("list[NetBoxJudge]", list(job.judges))
        each = [judge.needs for judge in self._judges]
        self._needs = merged(each)
        self._others = Others(api, each, proven)
        self._reader = Reader(
            api, self._endpoint, self._filter, self._needs, self._others.values, of_judges=each
        )
        self._log = ChangeLog(api, self._endpoint, self._needs, proven)
        self._page = f"{browse_url}/{self._endpoint.replace('.', '/')}"
        self._definition = fingerprint([judge_fingerprint(judge) for judge in self._judges])

    def batches(self) -> Iterator[Batch]:
        """The judged objects; the last batch carries the cursor."""
        cursor = self._job.cursor
        if cursor is None:
            yield from self._everything()
            return
        try:
            yield from self._differences(*self._changed(cursor))
        except HistoryLost:
            # what was told so far in this run is told again: the later word counts
            yield from self._everything_again()

    # ------------------------------------------------------------------------------- everything

    def _everything(self) -> Iterator[Batch]:
        total = self._api.count(self._endpoint, self._filter)
        self._prove(self._proven)
        state, after = self._start()
        state.passing = {
            key: self._api.ids(self._endpoint, match) for key, match in self._needs.passing.items()
        }
        past, why_not = self._past()
        begun_after, seen = after, 0
        for rows in self._reader.all(after, state.passing, total=total):
            timelines = self._judged(rows, state)
            seen += len(rows)
            after = rows[-1]["id"]
            resume = {"after": after, "state": state.dumped(self._definition)}
            if past is not None:
                timelines = past.present(rows, timelines)
            yield Batch(timelines, resume=resume, total=total)
        if seen < total:
            self._must_be_whole(seen, begun_after)
        if past is not None:
            for timelines in past.departed(len(self._judges)):
                yield Batch(timelines, total=total)
        cursor = state.dumped(self._definition)
        last = Batch(self._judged([], state), cursor=cursor, total=total, untold=why_not)
        if past is not None:
            untold_of = past.untold_of(len(self._judges))
            last = replace(last, untold=past.untold, untold_of=untold_of)
        yield last

    def _must_be_whole(self, seen: int, after: int) -> None:
        """Raises BadAnswer when the list after an id ended before all of it had come: what did not
        come would be taken for gone. Objects may go while they are read, so it is counted again.
        """
        listed = {**self._filter, **({"id__gt": str(after)} if after else {})}
        counted = self._api.count(self._endpoint, listed)
        if seen < counted:
            raise BadAnswer(
                f"{self._api.source}: the list of {self._endpoint} ended after {seen} objects, and "
                f"the server counts {counted}: something cuts its answers off"
            )

    def _past(self) -> tuple[Past | None, tuple[str, ...]]:
        """What tells the past, where it is asked for; or why nothing can be told of it."""
        job = self._job
        if job.history_since is None:
            return None, ()
        asked = (self._api, self._endpoint, self._filter, self._judges)
        try:
            grounds = Grounds(*asked, job.history_since, job.now)
        except Untellable as why:
            return None, (str(why),)
        return Past(grounds, job.now, self._reader), ()

    def _start(self) -> tuple[State, int]:
        """Where the log and the stamps stand before the first object is read, or stood then when
        this continues a read that was cut; and the last id that was read.
        """
        resume = self._job.resume
        if resume is not None and self._fits(resume.get("state")):
            state = State.loaded(resume["state"])
            if state.digest == self._others.digest:
                return state, int(resume["after"])
        log = self._log.mark(self._job.now)
        state = State(log, first_stamps(self._api, self._endpoint, self._job.now))
        state.glance = self._others.glance()
        state.digest = self._others.digest
        return state, 0

    def _fits(self, dumped: Json) -> bool:
        if not isinstance(dumped, dict):
            return False
        return (dumped.get("version"), dumped.get("judges")) == (VERSION, self._definition)

    def _everything_again(self) -> Iterator[Batch]:
        """Everything, inside a run that only tells changes: what is not there any more is told."""
        gone = {int(one) for one in self._job.known.ids()}
        for batch in self._everything():
            gone -= {int(timeline.object_id) for timeline in batch.timelines[0]}
            timelines = self._gone(gone) if batch.cursor is not None else batch.timelines
            yield replace(batch, timelines=timelines, resume=None)

    # ---------------------------------------------------------------------------------- changes

    def _changed(self, cursor: Cursor) -> tuple[State, set[int]]:
        """The state as it was, its marks moved on; and the ids that may have changed since."""
        if not self._fits(dict(cursor)):
            raise HistoryLost("the cursor is of another definition")
        state = State.loaded(cursor)
        touched = Touched(set(), elsewhere=True)
        if state.log is not None:
            touched, state.log = self._log.since(state.log, self._job.now)
        elif self._needs.first_seen or self._needs.related_types(self._endpoint):
            raise HistoryLost("the change log cannot be read")
        glance = self._others.glance()
        if self._needs.others and (touched.elsewhere or glance != state.glance):
            self._compare_others(state)
            state.glance = glance
        stamped, state.stamps = stamped_since(
            self._api, self._endpoint, self._filter, state.stamps, self._job.now
        )
        return state, touched.ids | stamped

    def _compare_others(self, state: State) -> None:
        if self._others.digest != state.digest:
            raise HistoryLost("the other side of a drift changed")

    def _differences(self, state: State, touched: set[int]) -> Iterator[Batch]:
        present: set[int] | None = None  # asked of the store only when needed
        if touched:
            # an ignored filter would let whatever was touched in, and the counts would agree
            self._prove(self._proven)
            present = self._present()
            yield from self._read(touched, state, present)
        expected = self._job.known.count() if present is None else len(present)
        if self._api.count(self._endpoint, self._filter) != expected:
            self._prove(set())
            present = self._present() if present is None else present
            listed = self._api.ids(self._endpoint, self._filter)
            yield from self._read(listed ^ present, state, present)
        yield from self._flipped(state, present)
        yield Batch(self._judged([], state), cursor=state.dumped(self._definition))

    def _flipped(self, state: State, present: set[int] | None) -> Iterator[Batch]:
        """What matches a passing filter now, or no longer, without having been changed itself."""
        for key, match in self._needs.passing.items():
            with about(self._passing_by(key)):
                if self._api.count(self._endpoint, match) == len(state.passing[key]):
                    continue
                ensure_honoured(self._api, self._endpoint, match, set())
            listed = self._api.ids(self._endpoint, match)
            flipped, state.passing[key] = listed ^ state.passing[key], listed
            present = self._present() if present is None else present
            yield from self._read(flipped, state, present)

    def _present(self) -> set[int]:
        return {int(one) for one in self._job.known.ids()}

    def _read(self, ids: set[int], state: State, present: set[int]) -> Iterator[Batch]:
        """Reads the objects again; those that do not come back have left the scope."""
        missing = set(ids)
        if ids:
            self._compare_others(state)
        for rows in self._reader.of(ids):
            came = {row["id"] for row in rows}
            missing -= came
            present |= came
            for key, passing in state.passing.items():
                passing -= came
                passing |= {row["id"] for row in rows if key in row[PASSING]}
            yield Batch(self._judged(rows, state))
        gone = missing & present
        if gone and (there := self._reader.counted(gone)):
            raise BadAnswer(
                f"{self._api.source}: {len(gone)} objects of {self._endpoint} did not come when "
                f"asked for, and the server counts {there} of them: something cuts its answers off"
            )
        present -= missing
        for passing in state.passing.values():
            passing -= missing
        if gone:
            yield Batch(self._gone(gone))

    # ---------------------------------------------------------------------------------- judging

    def _judged(self, rows: list[Row], state: State) -> list[list[Timeline]]:
        """One list for each judge, of one timeline for each row."""
        state.stamps = state.stamps.saw(rows)
        timelines: list[list[Timeline]] = []
        for place, judge in enumerate(self._judges):
            with about([place], (UpstreamError,)):
                timelines.append([self._timeline(judge, row) for row in rows])
        return timelines

    def _timeline(self, judge: NetBoxJudge, row: Row) -> Timeline:
        said = judge.judge(row, self._job.now)
        url = f"{self._page}/{row['id']}/"
        # `replace` would take three times as long, for every object and judge
        return Timeline(said.object_id, said.since, said.verdicts, label=said.label, url=url)

    def _gone(self, ids: set[int]) -> list[list[Timeline]]:
        left = [Timeline(str(one), self._job.now, ()) for one in sorted(ids)]
        return [left for _ in self._judges]

    def _prove(self, proven: Proven) -> None:
        ensure_honoured(self._api, self._endpoint, self._filter, proven)
        for key, match in self._needs.passing.items():
            with about(self._passing_by(key)):
                ensure_honoured(self._api, self._endpoint, match, proven)

    def _passing_by(self, key: str) -> frozenset[int]:
        """The judges that pass what matches a filter."""
        return frozenset(
            place for place, judge in enumerate(self._judges) if key in judge.needs.passing
        )
