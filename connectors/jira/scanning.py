"""One run over a scope: which issues to read, what they passed, what is gone.

**Everything** is read when there is no cursor, and when the query behind a board changed.

**Changes** are issues of the scope updated since the last turn began, less an overlap: Jira's
index is late, its dates are minutes, and an issue may be edited behind the page being read. What
left the scope never shows among changes. It is found by counting: Data Center counts exactly;
Cloud approximately, so there a count that moves against ours is only a hint, and all ids are
listed on a schedule too. A query whose members change by themselves is listed every turn. Only the
issues in which a listing differs from what is known are then read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from connectors.base import BadAnswer, Batch, Json, Row, ScanJob, Timeline
from connectors.jira.client import IDS_A_FETCH, Account, JiraClient, Page
from connectors.jira.fields import ALWAYS_THERE, FieldCatalogue, Wanted
from connectors.jira.jql import moves_with_time, wall_minute, within
from connectors.jira.judges import IssueJudge
from connectors.jira.options import JiraOptions
from connectors.jira.wire import Issue

_FEW = 20
"""Fewer issues than this may always go at once."""


@dataclass(frozen=True)
class _Cursor:
    """Where the last turn left off. `offset` is by how much the server's count and the listing
    differed when both were last taken; `moving` the passing ids of queries that move with time.
    """

    jql: str
    since: datetime
    census: datetime
    offset: int
    moving: Mapping[str, Sequence[int]]

    @classmethod
    def read(cls, cursor: Mapping[str, Json]) -> _Cursor:
        return cls(
            jql=cursor["jql"],
            since=datetime.fromisoformat(cursor["since"]),
            census=datetime.fromisoformat(cursor["census"]),
            offset=cursor["offset"],
            moving=cursor["moving"],
        )

    def written(self) -> dict[str, Json]:
        return {
            "jql": self.jql,
            "since": self.since.isoformat(),
            "census": self.census.isoformat(),
            "offset": self.offset,
            "moving": dict(self.moving),
        }


class Scan:
    """One run of one job. `browse_url` leads to issues (None: no links)."""

    def __init__(
        self, client: JiraClient, options: JiraOptions, browse_url: str | None, job: ScanJob
    ) -> None:
        self._client = client
        self._options = options
        self._browse_url = browse_url
        self._job = job
        self._source = job.scope.source
        self._judges = cast("Sequence[IssueJudge]", job.judges)
        self._queries = sorted({judge.passing for judge in self._judges if judge.passing})

    def run(self) -> Generator[Batch, None, None]:
        """The run's batches; the last one carries the cursor."""
        job = self._job
        account = self._client.account(job.deadline)
        scope = self._scope()
        ids = self._fields().ids_of(self._words() - ALWAYS_THERE) | self._built_in()
        wanted = Wanted(ids, self._source)
        cursor = _Cursor.read(job.cursor) if job.cursor is not None else None
        # Never later than the server's own clock: one that runs behind ours would hide edits.
        began = min(job.now, account.moment or job.now)
        if cursor is None:
            yield from self._everything(scope, wanted, began, job.resume)
        elif cursor.jql != scope:
            yield from self._everything(scope, wanted, began, None)
        else:
            yield from self._changes(cursor, wanted, account, max(began, cursor.since))

    def _scope(self) -> str:
        definition = self._job.scope.definition
        if "board" in definition:
            return self._client.board_jql(definition["board"], self._job.deadline)
        return str(definition["jql"])

    def _words(self) -> frozenset[str]:
        return frozenset().union(*(judge.fields for judge in self._judges))

    def _built_in(self) -> dict[str, str]:
        return {word: word for word in self._words() & ALWAYS_THERE}

    def _fields(self) -> FieldCatalogue:
        if self._words() <= ALWAYS_THERE:
            return FieldCatalogue((), self._source)
        return self._client.fields(self._job.deadline)

    # ----------------------------------------------------------------------------- everything

    def _everything(
        self, scope: str, wanted: Wanted, began: datetime, resume: Mapping[str, Json] | None
    ) -> Iterator[Batch]:
        job = self._job
        position: Json = None
        if resume is not None and resume["jql"] == scope:
            position = resume["position"]
            began = min(began, datetime.fromisoformat(resume["began"]))
        total = self._client.count(within(scope), job.deadline)
        passing = {query: self._ids(scope, query) for query in self._queries}
        seen: set[str] = set()
        pages = self._client.pages(within(scope), wanted.asked, job.deadline, position)
        for page in pages:
            seen.update(issue["id"] for issue in page.issues)
            onward = (
                {"jql": scope, "position": page.position, "began": began.isoformat()}
                if page.position is not None
                else None
            )
            yield self._judged(page.issues, passing, wanted, resume=onward, total=total)
        gone = self._gone(seen, resumed=position is not None)
        self._confirm(wanted)
        cursor = _Cursor(
            jql=scope,
            since=began,
            census=began,
            offset=0,
            moving=self._moving(passing),
        )
        # A run with a cursor has to say itself what is gone.
        leaving = gone if job.cursor is not None else ()
        yield self._last(leaving, cursor)

    def _gone(self, seen: set[str], *, resumed: bool) -> set[str]:
        """What was known and is not there now. A resumed read saw only a part, so it is checked
        only when far too little is there, and by asking for issues themselves.
        """
        known = set(self._job.known.ids())
        gone = known - seen
        if gone:
            self._distrust(gone, len(known))
        return set() if resumed else gone

    # -------------------------------------------------------------------------------- changes

    def _changes(
        self, cursor: _Cursor, wanted: Wanted, account: Account, began: datetime
    ) -> Iterator[Batch]:
        job, scope = self._job, cursor.jql
        since = wall_minute(cursor.since - self._options.overlap, account.zone)
        recent = f'updated >= "{since}"'
        moving = {query for query in self._queries if moves_with_time(query)}
        passing = {
            query: self._ids(scope, query) if query in moving else self._ids(scope, query, recent)
            for query in self._queries
        }
        changed: set[str] = set()
        for page in self._client.pages(within(scope, recent), wanted.asked, job.deadline):
            changed.update(issue["id"] for issue in page.issues)
            yield self._judged(page.issues, passing, wanted)

        counted = self._client.count(within(scope), job.deadline)
        offset, census, gone = cursor.offset, cursor.census, set[str]()
        if self._must_list(cursor, moving, counted, changed):
            listed = self._ids(scope)
            known = set(job.known.ids())
            gone = known - listed - changed
            self._distrust(gone, len(known))
            differing = (listed - known) | (self._flipped(cursor, passing, moving) & listed)
            ids = sorted(differing - changed, key=int)
            yield from self._read(scope, ids, passing, moving, wanted)
            offset, census = counted - len(listed), job.now
        self._confirm(wanted)
        following = _Cursor(
            jql=scope,
            since=began,
            census=census,
            offset=offset,
            moving=self._moving(passing),
        )
        yield self._last(gone, following)

    def _must_list(
        self, cursor: _Cursor, moving: set[str], counted: int, changed: set[str]
    ) -> bool:
        if moving or moves_with_time(cursor.jql):
            return True
        if self._client.flavour(self._job.deadline) == "cloud":
            if self._job.now - cursor.census >= self._options.census_every:
                return True
            surplus = counted - cursor.offset
        else:
            surplus = counted
        surplus -= self._job.known.count()
        if not changed:
            return surplus != 0
        known_already = sum(1 for identifier in self._job.known.ids() if identifier in changed)
        return surplus != len(changed) - known_already

    @staticmethod
    def _flipped(cursor: _Cursor, passing: Mapping[str, set[str]], moving: set[str]) -> set[str]:
        """What passes a moving query now and did not, or the reverse."""
        flipped: set[str] = set()
        for query in moving:
            flipped |= passing[query] ^ {str(number) for number in cursor.moving.get(query, ())}
        return flipped

    def _read(
        self,
        scope: str,
        ids: Sequence[str],
        passing: Mapping[str, set[str]],
        moving: set[str],
        wanted: Wanted,
    ) -> Iterator[Batch]:
        if not ids:
            return
        # What passed among the changed says nothing of these.
        complete = {
            query: found if query in moving else self._ids(scope, query)
            for query, found in passing.items()
        }
        for page in self._client.issues(ids, wanted.asked, self._job.deadline):
            yield self._judged(page.issues, complete, wanted)

    # --------------------------------------------------------------------------------- common

    def _ids(self, *conditions: str) -> set[str]:
        return self._client.ids(within(*conditions), self._job.deadline)

    @staticmethod
    def _moving(passing: Mapping[str, Iterable[str]]) -> dict[str, list[int]]:
        return {
            query: sorted(int(identifier) for identifier in found)
            for query, found in passing.items()
            if moves_with_time(query)
        }

    def _row(self, issue: Issue, passing: Mapping[str, set[str]], wanted: Wanted) -> Row:
        key = issue.get("key")
        if not isinstance(key, str):
            raise BadAnswer(f"{self._source}: issue {issue['id']} came without its key")
        return {
            "id": issue["id"],
            "key": key,
            "url": f"{self._browse_url}/browse/{key}" if self._browse_url else None,
            "fields": wanted.values(issue),
            "passing": {query: issue["id"] in found for query, found in passing.items()},
        }

    def _judged(
        self,
        issues: Sequence[Issue],
        passing: Mapping[str, set[str]],
        wanted: Wanted,
        *,
        resume: dict[str, Json] | None = None,
        total: int | None = None,
    ) -> Batch:
        wanted.note(issues)
        rows = [self._row(issue, passing, wanted) for issue in issues]
        now = self._job.now
        timelines = [[judge.judge(row, now) for row in rows] for judge in self._judges]
        return Batch(timelines=timelines, resume=resume, total=total)

    def _last(self, gone: Iterable[str], cursor: _Cursor) -> Batch:
        leaving = [
            Timeline(object_id=identifier, since=self._job.now, verdicts=())
            for identifier in sorted(gone, key=int)
        ]
        return Batch(timelines=[leaving for _ in self._judges], cursor=cursor.written())

    def _confirm(self, wanted: Wanted) -> None:
        if wanted.absent - ALWAYS_THERE:
            wanted.confirm(self._fields())

    def _distrust(self, gone: set[str], known: int) -> None:
        """Raises BadAnswer when many issues went at once and cannot be read either.

        An issue that only left the scope can still be read. One that was deleted cannot, nor one
        that the account may no longer see, and Jira does not say which: of many at once, a lost
        permission is likelier.
        """
        if len(gone) < _FEW or len(gone) <= self._options.shrink_limit * known:
            return
        sample = sorted(gone, key=int, reverse=True)[:IDS_A_FETCH]
        pages: Iterable[Page] = self._client.issues(sample, ("id",), self._job.deadline)
        readable = sum(len(page.issues) for page in pages)
        if 2 * readable < len(sample):
            raise BadAnswer(
                f"{self._source}: {len(gone)} of {known} known issues are gone at once, and of "
                f"{len(sample)} asked for only {readable} can be read: not believed, as a lost "
                "permission looks the same; if they were deleted, raise shrink_limit of this source"
            )
