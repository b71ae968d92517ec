"""One run over a scope: which issues to read, what they passed, what is gone.

**Everything** is read when there is no cursor, and when the query behind a board changed.

**Changes** are issues of the scope updated since the last turn began, less an overlap: Jira's
index is late, its dates are minutes, and an issue may be edited behind the page being read. What
left the scope never shows among changes. It is found by counting: Data Center counts exactly;
Cloud approximately, so there a count that moves against ours is only a hint. All ids are listed on
a schedule too, because one issue that left and one that came into sight cancel out. A query whose
members change by themselves is listed every turn. Only the issues in which a listing differs from
what is known are then read.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from connectors.base import (
    BadAnswer,
    Batch,
    Json,
    Row,
    ScanJob,
    Timeline,
    UpstreamError,
    about,
)
from connectors.jira.account import Account
from connectors.jira.beside import Beside
from connectors.jira.changelog import Change
from connectors.jira.client import JiraClient
from connectors.jira.fields import ALWAYS_THERE, FieldCatalogue, Wanted
from connectors.jira.history import listing, past_of
from connectors.jira.jql import moves_with_time, wall_minute, within
from connectors.jira.judges import IssueJudge
from connectors.jira.named import named_issues
from connectors.jira.needs import needs_of
from connectors.jira.options import JiraOptions
from connectors.jira.past import JudgedPast, Past, needs_statuses
from connectors.jira.position import Position
from connectors.jira.trust import of_a_living_token, vouched
from connectors.jira.wire import Issue


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
        self._members: frozenset[str] | None = None

    def run(self) -> Generator[Batch, None, None]:
        """The run's batches; the last one carries the cursor."""
        return of_a_living_token(self._client, self._batches(), self._job.deadline)

    def _batches(self) -> Iterator[Batch]:
        job = self._job
        account = self._client.account_lately(job.deadline, job.now)
        self._zone = account.zone_name or ""
        scope = None if "issues" in job.scope.definition else self._scope()
        ids = self._field_ids()
        self._past = self._told_past(scope, ids, account)
        self._judged_pasts: list[JudgedPast] = []
        if self._past is not None:
            self._judged_pasts = [JudgedPast(self._past, judge) for judge in self._judges]
            ids |= {field: field for field in self._past.fields}
        self._beside = self._what_is_beside(ids)
        wanted = Wanted(ids, self._source)
        began = job.now - account.behind  # by a server's clock that is late, edits would be hidden
        if scope is None:
            yield self._milestones(wanted)
            return
        cursor = Position.read(job.cursor) if job.cursor is not None else None
        if cursor is None:
            yield from self._everything(scope, wanted, began, job.resume)
        elif (
            cursor.jql != scope
            or not wanted.agrees_with(cursor.fields)
            or cursor.zone not in (None, self._zone)
        ):
            yield from self._everything(scope, wanted, began, None)
        else:
            yield from self._changes(cursor, wanted, account, max(began, cursor.since))

    def _scope(self) -> str:
        definition = self._job.scope.definition
        if "board" in definition:
            return self._client.board_jql(definition["board"], self._job.deadline)
        if "epic" in definition:
            return self._client.epic_jql(definition["epic"], self._job.deadline, self._job.now)
        return str(definition["jql"])

    def _field_ids(self) -> dict[str, str]:
        ids: dict[str, str] = {}
        for place, judge in enumerate(self._judges):
            ids |= {word: word for word in judge.fields & ALWAYS_THERE}
            if words := judge.fields - ALWAYS_THERE:
                with about([place]):
                    ids |= self._client.looked_up(words, self._job.deadline, self._job.now)
        return ids

    def _told_past(
        self, scope: str | None, ids: Mapping[str, str], account: Account
    ) -> Past | None:
        job = self._job
        if job.history_since is None or job.cursor is not None:
            return None
        since, client = job.history_since, self._client
        return past_of(client, account, scope, self._queries, ids, since, job.now, job.deadline)

    def _what_is_beside(self, ids: Mapping[str, str]) -> Beside:
        job, past, needs = self._job, self._past, [needs_of(judge) for judge in self._judges]
        catalogue = FieldCatalogue((), self._source)
        if past is not None or any(not one.changes <= ALWAYS_THERE for one in needs):
            catalogue = self._client.fields(job.deadline, job.now)
        beside = Beside(
            self._client,
            needs,
            ids,
            catalogue,
            job.deadline,
            tracked=frozenset() if past is None else past.tracked,
            statuses=past is not None and needs_statuses(past.fields),
        )
        if past is not None:
            past.with_statuses(beside.statuses)
        return beside

    def _milestones(self, wanted: Wanted) -> Batch:
        """All that there is to say of issues that the scope names: they are few, so each turn
        reads them all.
        """
        job = self._job
        keys = job.scope.definition["issues"]
        issues = named_issues(self._client, keys, wanted.asked, job.deadline)
        judged = self._judged(issues, {}, wanted)
        gone = set(job.known.ids()) - {issue["id"] for issue in issues}
        left = self._left(gone)
        timelines = [[*lines, *left] for lines in judged.timelines]
        cursor = {"read": job.now.isoformat()}
        return self._with_untold(Batch(timelines=timelines, cursor=cursor, total=len(issues)))

    # ----------------------------------------------------------------------------- everything

    def _everything(
        self, scope: str, wanted: Wanted, began: datetime, resume: Mapping[str, Json] | None
    ) -> Iterator[Batch]:
        job = self._job
        position: Json = None
        if resume is not None and resume["jql"] == scope:
            position = resume["position"]
            began = min(began, datetime.fromisoformat(resume["began"]))
        listed = scope
        if self._past is not None:
            listed, self._members = listing(self._client, self._past, scope, job.deadline)
        total = self._client.count(within(listed), job.deadline)
        passing = {query: self._passing(scope, query) for query in self._queries}
        seen: set[str] = set()
        pages = self._client.pages(
            within(listed), wanted.asked, job.deadline, position, logs=self._beside.logs
        )
        for page in pages:
            seen.update(issue["id"] for issue in page.issues if self._is_member(issue))
            onward = (
                {"jql": scope, "position": page.position, "began": began.isoformat()}
                if page.position is not None
                else None
            )
            yield self._judged(page.issues, passing, wanted, resume=onward, total=total)
        if position is None:
            missed = self._missed(seen, listed)
            yield from self._read(scope, missed, passing, set(passing), wanted)
            seen.update(missed)
        gone = set(job.known.ids()) - seen
        still_there = vouched(self._client, gone, job.deadline)
        self._confirm(wanted)
        cursor = Position(
            jql=scope,
            since=began,
            census=began,
            offset=0,
            moving=self._moving(passing),
            fields=wanted.ids,
            zone=self._zone,
        )
        if position is None:
            self._beside.confirm()
        # A run with a cursor has to say itself what is gone.
        leaving = gone if job.cursor is not None and position is None else ()
        yield self._with_untold(self._last(leaving, cursor, vouched=still_there))

    # -------------------------------------------------------------------------------- changes

    def _changes(
        self, cursor: Position, wanted: Wanted, account: Account, began: datetime
    ) -> Iterator[Batch]:
        job, scope = self._job, cursor.jql
        since = wall_minute(cursor.since - self._options.overlap, account.zone)
        recent = f'updated >= "{since}"'
        moving = {query for query in self._queries if moves_with_time(query)}
        passing = {query: self._passing(scope, query) for query in self._queries if query in moving}
        changed: set[str] = set()
        logs = self._beside.logs
        for page in self._client.pages(
            within(scope, recent), wanted.asked, job.deadline, logs=logs
        ):
            if page.issues and not changed:
                passing |= {
                    query: self._passing(scope, query, recent)
                    for query in self._queries
                    if query not in moving
                }
            changed.update(issue["id"] for issue in page.issues)
            yield self._judged(page.issues, passing, wanted)
        if changed:
            missed = self._missed(changed, scope, recent)
            yield from self._read(scope, missed, passing, moving, wanted)
            changed.update(missed)

        counted = self._client.count(within(scope), job.deadline)
        offset, census, gone = cursor.offset, cursor.census, set[str]()
        still_there = False
        if not (must_list := self._must_list(cursor, moving, counted, changed)) and counted:
            self._client.believe()  # a dead token does not find as many as are known
        if must_list:
            listed = self._ids(scope)
            known = set(job.known.ids())
            gone = known - listed - changed
            still_there = vouched(self._client, gone, job.deadline)
            differing = (listed - known) | (self._flipped(cursor, passing, moving) & listed)
            ids = sorted(differing - changed, key=int)
            yield from self._read(scope, ids, passing, moving, wanted)
            offset, census = counted - len(listed), job.now
        self._confirm(wanted)
        following = Position(
            jql=scope,
            # what found nothing is asked again from there: it may have been asked as nobody
            since=began if changed else cursor.since,
            census=census,
            offset=offset,
            moving=self._moving(passing),
            fields=wanted.ids,
            zone=self._zone,
        )
        yield self._last(gone, following, vouched=still_there)

    def _must_list(
        self, cursor: Position, moving: set[str], counted: int, changed: set[str]
    ) -> bool:
        if moving or moves_with_time(cursor.jql):
            return True
        if self._job.now - cursor.census >= self._options.census_every:
            return True
        if self._client.flavour(self._job.deadline) == "cloud":
            surplus = counted - cursor.offset
        else:
            surplus = counted
        surplus -= self._job.known.count()
        if not changed:
            return surplus != 0
        known_already = sum(1 for identifier in self._job.known.ids() if identifier in changed)
        return surplus != len(changed) - known_already

    @staticmethod
    def _flipped(cursor: Position, passing: Mapping[str, set[str]], moving: set[str]) -> set[str]:
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
            query: passing[query] if query in moving else self._passing(scope, query)
            for query in self._queries
        }
        logs = self._beside.logs
        for page in self._client.issues(ids, wanted.asked, self._job.deadline, logs=logs):
            yield self._judged(page.issues, complete, wanted)

    # --------------------------------------------------------------------------------- common

    def _ids(self, *conditions: str) -> set[str]:
        return self._client.ids(within(*conditions), self._job.deadline)

    def _passing(self, scope: str, query: str, *more: str) -> set[str]:
        with about(place for place, judge in enumerate(self._judges) if judge.passing == query):
            return self._ids(scope, query, *more)

    def _missed(self, seen: Collection[str], *conditions: str) -> list[str]:
        """What a walk over these conditions that has just ended has left out, by ascending id:
        nothing, unless it ended without issues.
        """
        if not self._client.doubts:
            return []
        return sorted(self._ids(*conditions).difference(seen), key=int)

    @staticmethod
    def _moving(passing: Mapping[str, Iterable[str]]) -> dict[str, list[int]]:
        return {
            query: sorted(int(identifier) for identifier in found)
            for query, found in passing.items()
            if moves_with_time(query)
        }

    def _is_member(self, issue: Issue) -> bool:
        """Whether an issue that was listed is in the scope now."""
        return self._members is None or issue["id"] in self._members

    def _with_untold(self, last: Batch) -> Batch:
        if self._past is None:
            return last
        each = [judged.untold() for judged in self._judged_pasts]
        return replace(last, untold=self._past.untold(), untold_of=each)

    def _row(
        self, issue: Issue, passing: Mapping[str, set[str]], wanted: Wanted
    ) -> dict[str, Json]:
        identifier, key = issue["id"], issue.get("key")
        if not isinstance(key, str):
            raise BadAnswer(f"{self._source}: issue {identifier} came without its key")
        row: dict[str, Json] = {
            "id": identifier,
            "key": key,
            "url": f"{self._browse_url}/browse/{key}" if self._browse_url else None,
            "fields": wanted.values(issue),
            "passing": {query: identifier in found for query, found in passing.items()}
            if passing
            else {},
        }
        if "milestone" in issue:
            row["milestone"] = issue["milestone"]
        return row

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
        beside = self._beside
        logs = beside.logs_of(issues)
        timelines: list[list[Timeline]] = [[] for _ in self._judges]
        for issue in issues:  # one after the other: all that one needs is then at hand
            if (log := logs.get(issue["id"])) is None:
                continue
            changes = beside.changes(issue, log)
            row = self._row(issue, passing, wanted)
            beside.complete(row, issue, changes)
            for place, told in enumerate(timelines):
                try:
                    line = self._timeline(place, issue, row, changes)
                except UpstreamError:
                    with about([place], (UpstreamError,)):
                        raise
                if line is not None:
                    told.append(line)
        if len(logs) < len(issues):
            left = self._left(issue["id"] for issue in issues if issue["id"] not in logs)
            for told in timelines:
                told += left
        return Batch(timelines=timelines, resume=resume, total=total)

    def _timeline(
        self, place: int, issue: Issue, row: Row, changes: Sequence[Change]
    ) -> Timeline | None:
        """What the judge at this place says of an issue; None when it was never in the scope."""
        if self._past is None:
            return self._judges[place].judge(row, self._job.now)
        return self._judged_pasts[place].timeline(
            row, issue["fields"], changes, self._job.now, member=self._is_member(issue)
        )

    def _last(self, gone: Iterable[str], cursor: Position, *, vouched: bool) -> Batch:
        leaving = self._left(gone)
        timelines = [leaving for _ in self._judges]
        return Batch(timelines=timelines, cursor=cursor.written(), vouched=vouched)

    def _left(self, gone: Iterable[str]) -> list[Timeline]:
        return [
            Timeline(object_id=identifier, since=self._job.now, verdicts=())
            for identifier in sorted(gone, key=int)
        ]

    def _confirm(self, wanted: Wanted) -> None:
        if not wanted.absent - ALWAYS_THERE:
            return
        catalogue = self._client.fields(self._job.deadline, self._job.now, anew=True)
        for place, judge in enumerate(self._judges):
            with about([place]):
                wanted.confirm(catalogue, judge.fields)
        wanted.confirm(catalogue, wanted.ids)  # those of the past as well
