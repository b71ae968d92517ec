"""The past of issues that are judged as they are: every version since a moment, judged by itself.

A judge that tells an issue's whole timeline each time needs none of this. Of the others, each
version is judged that was in the scope by its query, as far as the query can be answered from the
change log (`membership`); a version's verdict holds until the next. From now on Jira's own answer
holds. Where its answer of now is not what the query's conditions give for the issue, the past of
that issue is not told at all: then this module does not understand the query as Jira does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Row, Timeline, Verdict
from connectors.jira.changelog import Change
from connectors.jira.fields import FieldCatalogue
from connectors.jira.judges import STATUS_CATEGORY, IssueJudge
from connectors.jira.membership import Fields, Membership, Site, Test, Untellable, membership
from connectors.jira.points import created_of
from connectors.jira.statuses import Statuses
from connectors.jira.versions import FOLLOWING, UNKNOWN, Rebuilding, can_be_rebuilt

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
    """Tells the past of a scan's issues since a moment. `scope` None: the issues were named one by
    one, so they were always in the scope. `ids` are the fields by the judges' words.
    """

    def __init__(
        self,
        since: datetime,
        scope: Query | None,
        queries: Mapping[str, Query],
        ids: Mapping[str, str],
        catalogue: FieldCatalogue,
    ) -> None:
        self._since = since
        self._scope = scope
        self._queries = queries
        self._ids = dict(ids)
        looked_at = {
            field
            for query in (scope, *queries.values())
            if query is not None and query.found is not None
            for field in query.found.fields
        }
        every = looked_at | set(ids.values()) | {"created"}
        every |= {cause for field, cause in FOLLOWING.items() if field in every}
        kinds = {field: catalogue.kind_of(field) for field in every}
        self._lost = {field for field, kind in kinds.items() if not can_be_rebuilt(field, kind)}
        self._kinds = {field: kind for field, kind in kinds.items() if field not in self._lost}
        self._names = {field: catalogue.name_of(field) for field in self._lost}
        self._statuses: Statuses | None = None
        self._project_keys: dict[str, str] = {}
        self._told: dict[str, None] = {}
        self._unlike: set[str] = set()
        self._unclear: set[str] = set()
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
        return self._scope.found.wider if self._scope and self._scope.found else None

    def widened(self) -> None:
        """Says that the wider query is what is listed."""
        self._widened = True

    def with_statuses(self, statuses: Statuses | None) -> None:
        """What statuses there are, once they were read."""
        self._statuses = statuses

    def timeline(
        self,
        judge: IssueJudge,
        row: Row,
        held: Fields,
        changes: Sequence[Change],
        now: datetime,
        *,
        member: bool,
    ) -> Timeline | None:
        """What a judge says of an issue and of its past; None when it was never in the scope.
        `held` are its fields by id; `member`: Jira says that it is in the scope now.
        """
        today = judge.judge(row, now)
        if today.since is None:
            self._told[_OF_NOW] = None
            return today if member else None
        if not self._tellable(judge):
            return today if member else None
        if not self._understood(row, held, member=member):
            self._unlike.add(row["id"])
            return today if member else None
        project = held.get("project")
        if isinstance(project, Mapping):
            self._project_keys[str(project.get("id"))] = str(project.get("key"))
        # A judge may know since when today's verdict holds; the versions tell that as well.
        of_today = [replace(each, valid_from=max(now, each.valid_from)) for each in today.verdicts]
        verdicts = _joined(
            [*self._earlier(judge, row, held, changes, now), *(of_today if member else ())]
        )
        if not verdicts and not member:
            return None
        if not verdicts:
            return replace(today, since=None)
        return replace(today, since=self._since, verdicts=verdicts)

    def untold(self) -> tuple[str, ...]:
        """Sentences on what of the past is not known."""
        sentences = dict(self._told)
        if self._scope is not None and self._scope.found is not None and not self._widened:
            sentences[_OF_NOW] = None
        if self._unlike:
            sentences[_UNLIKE.format(count=len(self._unlike))] = None
        if self._unclear:
            sentences[_UNKNOWN.format(count=len(self._unclear))] = None
        sentences[_DELETED] = None
        return tuple(sentences)

    def _tellable(self, judge: IssueJudge) -> bool:
        obstacles: list[str] = []
        if self._scope is not None and self._scope.found is None:
            obstacles.append(self._scope.sentence)
        if judge.passing is not None and self._queries[judge.passing].found is None:
            obstacles.append(self._queries[judge.passing].sentence)
        lost = sorted({self._ids[word] for word in judge.fields} & self._lost)
        obstacles += [f"the past of {self._names[each]} is not in the change log" for each in lost]
        self._told |= dict.fromkeys(obstacles)
        return not obstacles

    def _understood(self, row: Row, held: Fields, *, member: bool) -> bool:
        if self._test(self._scope)(held) is not member:
            return False
        if not member:
            return True  # what passes was asked within the scope only
        return all(
            self._test(query)(held) is row["passing"][jql]
            for jql, query in self._queries.items()
            if query.found is not None
        )

    @staticmethod
    def _test(query: Query | None) -> Test:
        return (lambda _: True) if query is None or query.found is None else query.found.holds

    def _earlier(
        self,
        judge: IssueJudge,
        row: Row,
        held: Fields,
        changes: Sequence[Change],
        now: datetime,
    ) -> Iterator[Verdict]:
        rebuilding = Rebuilding(self._kinds, self._statuses, self._project_keys)
        in_scope = self._test(self._scope)
        versions = rebuilding.versions(held, changes, created_of(row).at, self._since, now)
        for begins, ends, fields in versions:
            if any(value is UNKNOWN for value in fields.values()):
                self._unclear.add(row["id"])
                continue
            if not in_scope(fields):
                continue
            version = {
                **row,
                "fields": {word: fields.get(field) for word, field in self._ids.items()},
                "passing": {jql: self._test(query)(fields) for jql, query in self._queries.items()},
            }
            for verdict in judge.judge(version, begins).verdicts:
                start = max(begins, verdict.valid_from)
                end = ends if verdict.valid_to is None else min(ends, verdict.valid_to)
                if start < end:
                    yield replace(verdict, valid_from=start, valid_to=end)


def needs_statuses(fields: frozenset[str]) -> bool:
    """Whether versions with these fields need to know what category a status is of."""
    return bool({"status", STATUS_CATEGORY, "statuscategorychangedate"} & fields)


def _joined(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts, those joined that say the same one after the other."""
    found: list[Verdict] = []
    for verdict in verdicts:
        last = found[-1] if found else None
        if last is not None and last.valid_to == verdict.valid_from and _same(last, verdict):
            found[-1] = replace(last, valid_to=verdict.valid_to)
        else:
            found.append(verdict)
    return tuple(found)


def _same(one: Verdict, other: Verdict) -> bool:
    return replace(one, valid_from=other.valid_from, valid_to=other.valid_to) == other
