"""What Jira keeps beside an issue's fields: change logs, comments, service level agreements; and
the statuses and projects that they name.

Calls and shapes follow Atlassian's published API descriptions: Jira Cloud platform REST v3, Jira
Data Center REST v2, Jira Service Management REST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from connectors.base import Json, NotFound
from connectors.jira.changelog import Change, Tracked, changes_of, moment_of, person_of
from connectors.jira.entries import Log, Malformed, logs_in_bulk
from connectors.jira.points import Said
from connectors.jira.sla import Cycle, by_name
from connectors.jira.statuses import Statuses
from connectors.jira.wire import Issue, Wire
from connectors.transport import json_of

SERVICE_DESK = "{server}/rest/servicedeskapi/{path}"
ISSUES_A_LOG = 1000
"""Whose change logs Cloud gives at once."""
FIELDS_A_LOG = 10
HISTORIES_A_PAGE = 5000
COMMENTS_A_PAGE = 100
AGREEMENTS_A_PAGE = 50

T = TypeVar("T")


class Related:
    """Asks one Jira. Every call ends by `deadline` (in ``time.monotonic()`` seconds) or raises
    TimedOut; every failure is an UpstreamError, and then nothing of what was asked for is given.
    """

    def __init__(
        self,
        wire: Wire,
        flavour: Callable[[float], Literal["cloud", "datacenter"]],
        prove: Callable[[float], object],
    ):
        """`prove` raises where the token is nobody's (who is shown nothing and told 200 or 404)."""
        self._wire = wire
        self._flavour = flavour
        self._prove = prove

    def statuses(self, deadline: float) -> Statuses:
        """All statuses."""
        self._flavour(deadline)
        rows = json_of(self._wire.get("status", deadline))
        if not isinstance(rows, list):
            raise self._wire.bad("status", f"expected a list, got {type(rows).__name__}")
        return Statuses(rows, self._wire.source)

    def project(self, word: str, deadline: float) -> Mapping[str, Json] | None:
        """The project of this key or id; None when there is none that may be seen."""
        self._flavour(deadline)
        try:
            found = json_of(self._wire.get(f"project/{word}", deadline))
        except NotFound:
            return None
        return self._wire.object(found, "project")

    # ------------------------------------------------------------------------------ change logs

    def logs(self, issues: Sequence[Issue], tracked: Tracked, deadline: float) -> dict[str, Log]:
        """The whole change log of each issue, at least what is of the tracked fields, by its id. On
        Data Center the issues must have been read with their logs.
        """
        if not tracked.ids:
            return {issue["id"]: () for issue in issues}
        if self._flavour(deadline) == "cloud":
            return {**self._in_bulk([issue["id"] for issue in issues], tracked, deadline)}
        return {issue["id"]: self._with_it(issue) for issue in issues}

    def changes(self, issue: Issue, log: Log, tracked: Tracked) -> tuple[Change, ...]:
        """The changes of the tracked fields that an issue's log tells of."""
        try:
            return changes_of(log, tracked)
        except Malformed as error:
            what = f"the change log of {issue.get('key')}"
            raise self._wire.bad(what, str(error)) from error

    def _with_it(self, issue: Issue) -> Log:
        log = issue.get("changelog")
        if not isinstance(log, dict):
            log = self._wire.object(log, "an issue's changelog")
        histories = log.get("histories")
        total = log.get("total")
        if not isinstance(histories, list) or (isinstance(total, int) and total > len(histories)):
            raise self._wire.bad(
                "search", f"the change log of {issue.get('key')} came only in part"
            )
        return histories

    def _in_bulk(
        self, ids: Sequence[str], tracked: Tracked, deadline: float
    ) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {identifier: [] for identifier in ids}
        fields = sorted(tracked.ids)
        for start in range(0, len(ids), ISSUES_A_LOG):
            for first in range(0, len(fields), FIELDS_A_LOG):
                asked = {
                    "issueIdsOrKeys": list(ids[start : start + ISSUES_A_LOG]),
                    "fieldIds": fields[first : first + FIELDS_A_LOG],
                    "maxResults": HISTORIES_A_PAGE,
                }
                # to nobody no issue has a log, and it would be taken for one that never changed
                if not self._walk(asked, found, deadline):
                    self._prove(deadline)
                    self._walk(asked, found, deadline)
        return found

    def _walk(
        self, asked: Mapping[str, Any], found: dict[str, list[Json]], deadline: float
    ) -> bool:
        """Whether it ended with logs. An entry may come again."""
        path, seen, token = "changelog/bulkfetch", set[str](), None
        while True:
            body = {**asked, "nextPageToken": token} if token else dict(asked)
            answer = self._wire.post(path, body, deadline, logs_in_bulk)
            logs = answer.get("issueChangeLogs")
            if not isinstance(logs, list):
                raise self._wire.bad(path, "expected a list of issueChangeLogs")
            for log in logs:
                told = log if isinstance(log, dict) else self._wire.object(log, path)
                histories = told.get("changeHistories")
                so_far = found.get(str(told.get("issueId")))
                if so_far is None or not isinstance(histories, list):
                    raise self._wire.bad(path, "a log came without histories or was not asked for")
                so_far += histories
            token = answer.get("nextPageToken")
            if not token:
                return bool(logs)
            if not isinstance(token, str) or token in seen:
                raise self._wire.bad(path, "the same page token came twice, or one that is no text")
            seen.add(token)

    # --------------------------------------------------------------------------------- comments

    def comments(self, issue: Issue, deadline: float) -> tuple[Said, ...]:
        """When and by whom an issue was commented on, the oldest first. It must have been read with
        its field ``comment``, which holds only some of many.
        """
        page = self._wire.object((issue.get("fields") or {}).get("comment"), "an issue's comment")
        rows = self._comments_of(page)
        if self._wire.whole(page, "total", "an issue's comment") > len(rows):
            rows = self._all_comments(issue["id"], deadline)
        return self._read(
            f"the comments of {issue.get('key')}",
            lambda: tuple(
                sorted(
                    (
                        Said(moment_of(row.get("created")), person_of(row.get("author")))
                        for row in rows
                    ),
                    key=lambda said: said.at,
                )
            ),
        )

    def _all_comments(self, identifier: str, deadline: float) -> list[Mapping[str, Json]]:
        found: dict[str, Mapping[str, Json]] = {}
        start = 0
        while True:
            params = {"startAt": start, "maxResults": COMMENTS_A_PAGE, "orderBy": "created"}
            path = f"issue/{identifier}/comment"
            page = self._wire.object(
                json_of(self._wire.get(path, deadline, params=params)), "comment"
            )
            rows = self._comments_of(page)
            found |= {str(row.get("id")): row for row in rows}
            start += len(rows)
            if not rows or start >= self._wire.whole(page, "total", "comment"):
                return list(found.values())

    def _comments_of(self, page: Mapping[str, Json]) -> list[Mapping[str, Json]]:
        rows = page.get("comments")
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise self._wire.bad("comment", "expected a list of comments")
        return rows

    # ------------------------------------------------------------------------------- agreements

    def agreements(self, issue: Issue, deadline: float) -> dict[str, tuple[Cycle, ...]] | None:
        """The cycles of an issue's service level agreements by their folded name; None when the
        service desk does not know the issue, also not for a token that is proven to live. There is
        no call for many issues at once.
        """
        self._flavour(deadline)
        found = self._agreements(issue, deadline)
        if found is None:
            self._prove(deadline)
            found = self._agreements(issue, deadline)
        return found

    def _agreements(self, issue: Issue, deadline: float) -> dict[str, tuple[Cycle, ...]] | None:
        rows: list[Json] = []
        path = f"request/{issue['id']}/sla"
        while True:
            params = {"start": len(rows), "limit": AGREEMENTS_A_PAGE}
            try:
                answer = self._wire.get(path, deadline, SERVICE_DESK, params)
            except NotFound:
                return None
            page = self._wire.object(json_of(answer), "sla")
            values = page.get("values")
            if not isinstance(values, list):
                raise self._wire.bad("sla", "expected a list of values")
            rows += values
            if page.get("isLastPage") is not False or not values:
                break
        return self._read(f"the agreements of {issue.get('key')}", lambda: by_name(rows))

    def must_have_a_desk(self, deadline: float) -> None:
        """Raises NotFound when there is no service desk: then that it does not know an issue says
        nothing of the issue.
        """
        self._flavour(deadline)
        try:
            answer = self._wire.get("info", deadline, SERVICE_DESK)
        except NotFound as nothing:
            raise NotFound(
                f"{self._wire.source}: this Jira has no service desk; an sla needs Jira Service "
                f"Management ({nothing})"
            ) from nothing
        self._wire.object(json_of(answer), "the service desk's info")

    def _read(self, what: str, read: Callable[[], T]) -> T:
        try:
            return read()
        except Malformed as error:
            raise self._wire.bad(what, str(error)) from error
