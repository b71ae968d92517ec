"""The past of issues: every version since a moment, judged by itself.

Each version is judged that was in the scope by its query, as far as the query can be answered from
the change log (`membership`); what is said of it holds until the next. A judge that tells an
issue's whole timeline each time is asked of each version too: what it says counts while the issue
was in the scope. From now on Jira's own answer holds. Where its answer of now is not what the
query's conditions give for the issue, the past of that issue is not told at all: then this module
does not understand the query as Jira does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from connectors.base import Row, Timeline, Verdict
from connectors.jira.changelog import Change
from connectors.jira.fields import FieldCatalogue
from connectors.jira.judges import STATUS_CATEGORY, IssueJudge
from connectors.jira.membership import Fields, Membership, Site, Test, Untellable, membership
from connectors.jira.needs import Needing
from connectors.jira.points import created_of
from connectors.jira.statuses import Statuses
from connectors.jira.versions import FOLLOWING, UNKNOWN, Rebuilding, can_be_rebuilt
from connectors.spells import joined, within

_DELETED = (
    "issues that were deleted, hidden from this account or moved to another project since then are "
    "missing from the past"
)
_OF_NOW = "the past is told of the issues that are in the scope now; those that left it are missing"
_UNLIKE = (
    "the past of {count} issues is not told, because what the scope's conditions say of them now "
    "is not what Jira says"
)
_UNKNOWN = (
    "{count} issues were in a status that Jira no longer has, or had options with a comma that the "
    "log does not tell apart; they are missing while so"
)


@dataclass(frozen=True)
class Query:
    """A query whose past can be told, or the condition because of which it cannot."""

    jql: str
    found: Membership | None
    obstacle: str | None

    @property
    def sentence(self) -> str:
        """What is not known of its past."""
        return (
            f"the past of {self.jql} is not known: Jira's change log does not answer "
            f"{self.obstacle}"
        )


def read_query(jql: str, site: Site) -> Query:
    """The query, understood as far as it can be."""
    try:
        return Query(jql, membership(jql, site), None)
    except Untellable as obstacle:
        return Query(jql, None, str(obstacle))


class Past:
    """The past of a scan's issues since a moment, whatever is judged of it. `scope` None: issues
    that were named one by one were always in the scope. `ids` are the fields by the judges' words.
    """

    def __init__(
        self,
        since: datetime,
        scope: Query | None,
        queries: Mapping[str, Query],
        ids: Mapping[str, str],
        catalogue: FieldCatalogue,
    ) -> None:
        self.since = since
        self.scope = scope
        self.queries = queries
        self.ids = dict(ids)
        looked_at = {field for query in (scope, *queries.values()) for field in _fields_of(query)}
        every = looked_at | set(ids.values()) | {"created"}
        every |= {cause for field, cause in FOLLOWING.items() if field in every}
        kinds = {field: catalogue.kind_of(field) for field in every}
        self.lost = {
            field: catalogue.name_of(field)
            for field, kind in kinds.items()
            if not can_be_rebuilt(field, kind)
        }
        self._kinds = {field: kind for field, kind in kinds.items() if field not in self.lost}
        self._statuses: Statuses | None = None
        self._project_keys: dict[str, str] = {}
        self._widened = False

    @property
    def fields(self) -> frozenset[str]:
        """The ids of the fields whose values are needed."""
        return frozenset(self._kinds)

    @property
    def tracked(self) -> frozenset[str]:
        """The ids of the fields whose change log is needed."""
        causes = {cause for field, cause in FOLLOWING.items() if field in self._kinds}
        return frozenset((self.fields - {"created", "creator", *FOLLOWING}) | causes)

    @property
    def wider(self) -> str | None:
        """A query that also finds what left the scope, None where there is none."""
        return self.scope.found.wider if self.scope and self.scope.found else None

    def widened(self) -> None:
        """Says that the wider query is what is listed."""
        self._widened = True

    def with_statuses(self, statuses: Statuses | None) -> None:
        """What statuses there are, once they were read."""
        self._statuses = statuses

    def untold(self) -> tuple[str, ...]:
        """Sentences on what is not known, whatever is judged."""
        found = None if self.scope is None else self.scope.found
        return (_DELETED,) if found is None or self._widened else (_OF_NOW, _DELETED)

    def versions(
        self,
        held: Fields,
        changes: Sequence[Change],
        created: datetime,
        since: datetime,
        now: datetime,
    ) -> Iterator[tuple[datetime, datetime, Fields]]:
        """What an issue was, from when until when, by field id. A field that no log keeps is what
        it is now.
        """
        project = held.get("project")
        if isinstance(project, Mapping):
            self._project_keys[str(project.get("id"))] = str(project.get("key"))
        rebuilding = Rebuilding(self._kinds, self._statuses, self._project_keys)
        now_lost = {field: held.get(field) for field in self.lost}
        for begins, ends, fields in rebuilding.versions(held, changes, created, since, now):
            yield begins, ends, now_lost | fields


class JudgedPast:
    """What one judge says of the past of issues."""

    def __init__(self, past: Past, judge: IssueJudge) -> None:
        self._past = past
        self._judge = judge
        self._obstacles = tuple(dict.fromkeys(_obstacles(past, judge)))
        query = past.queries.get(judge.passing or "")
        self._looked_at = {
            *_fields_of(past.scope),
            *_fields_of(query),
            *(past.ids[word] for word in _judged_words(judge)),
        }
        self._unlike: set[str] = set()
        self._unclear: set[str] = set()
        self._of_now = False

    def timeline(
        self, row: Row, held: Fields, changes: Sequence[Change], now: datetime, *, member: bool
    ) -> Timeline | None:
        """What the judge says of an issue and of its past; None when it was never in the scope.
        `held` are its fields by id; `member`: Jira says that it is in the scope now.
        """
        today = self._judge.judge(row, now)
        if not self._obstacles and not self._understood(row, held, member=member):
            self._unlike.add(row["id"])
        if self._obstacles or row["id"] in self._unlike:
            self._of_now = self._of_now or today.since is None
            return today if member else None
        whole, created = today.since is None, created_of(row).at
        since = min(created, self._past.since) if whole else self._past.since
        verdicts = joined(
            [
                *self._earlier(row, held, changes, since, now),
                # A judge may know since when today's verdict holds; the versions tell that as well.
                *(within(each, now, None, whole=whole) for each in today.verdicts if member),
            ]
        )
        if not verdicts:
            return replace(today, since=None, verdicts=()) if member else None
        if whole and member:
            return replace(today, verdicts=verdicts)
        return replace(today, since=since, verdicts=verdicts)

    def untold(self) -> tuple[str, ...]:
        """Sentences on what this judge cannot tell."""
        counts = {_UNLIKE: len(self._unlike), _UNKNOWN: len(self._unclear)}
        told = [sentence.format(count=count) for sentence, count in counts.items() if count]
        return (*self._obstacles, *([_OF_NOW] if self._of_now else ()), *told)

    def _understood(self, row: Row, held: Fields, *, member: bool) -> bool:
        """Whether the conditions give for the issue now what Jira gives."""
        past, passing = self._past, self._judge.passing
        if _holds(past.scope)(held) is not member:
            return False
        if not member or passing is None:
            return True  # what passes was asked within the scope only
        return _holds(past.queries[passing])(held) is row["passing"][passing]

    def _earlier(
        self, row: Row, held: Fields, changes: Sequence[Change], since: datetime, now: datetime
    ) -> Iterator[Verdict | None]:
        past, passing = self._past, self._judge.passing
        in_scope = _holds(past.scope)
        for begins, ends, fields in past.versions(held, changes, created_of(row).at, since, now):
            if any(fields.get(field) is UNKNOWN for field in self._looked_at):
                self._unclear.add(row["id"])
                continue
            if not in_scope(fields):
                continue
            version = {
                **row,
                "fields": {word: fields.get(field) for word, field in past.ids.items()},
                "passing": {}
                if passing is None
                else {passing: _holds(past.queries[passing])(fields)},
                "changes": {
                    word: tuple(each for each in logged if each.at <= begins)
                    for word, logged in row.get("changes", {}).items()
                },
            }
            judged = self._judge.judge(version, begins)
            whole = judged.since is None
            if whole:  # how far it looks ahead depends on when it is asked
                judged = self._judge.judge(version, ends)
            for verdict in judged.verdicts:
                yield within(verdict, begins, ends, whole=whole)


def _obstacles(past: Past, judge: IssueJudge) -> Iterator[str]:
    """Why the past cannot be told for a judge, in sentences."""
    if past.scope is not None and past.scope.found is None:
        yield past.scope.sentence
    if judge.passing is not None and past.queries[judge.passing].found is None:
        yield past.queries[judge.passing].sentence
    lost = {past.ids[word] for word in _judged_words(judge)} & past.lost.keys()
    for field in sorted(lost):
        yield f"the past of {past.lost[field]} is not in the change log"


def _judged_words(judge: IssueJudge) -> frozenset[str]:
    """The fields whose values are judged. What points in time need is in change logs."""
    return judge.valued if isinstance(judge, Needing) else judge.fields


def _fields_of(query: Query | None) -> frozenset[str]:
    return frozenset() if query is None or query.found is None else query.found.fields


def _holds(query: Query | None) -> Test:
    return (lambda _: True) if query is None or query.found is None else query.found.holds


def needs_statuses(fields: frozenset[str]) -> bool:
    """Whether versions with these fields need to know what category a status is of."""
    return bool({"status", STATUS_CATEGORY, "statuscategorychangedate"} & fields)
