"""What one Jira is asked: who we are, its fields, its boards, and its issues in plain dicts.

Calls and shapes follow Atlassian's published API descriptions: Jira Cloud platform REST v3, Jira
Data Center REST v2, Jira Software REST 1.0 (boards).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.base import Json, NotFound, QueryRefused, SourceConfig
from connectors.jira.account import Account, account_of
from connectors.jira.fields import FieldCatalogue
from connectors.jira.jql import without_order
from connectors.jira.options import JiraOptions
from connectors.jira.related import Related
from connectors.jira.wire import AGILE, Issue, Wire
from connectors.transport import Transport, json_of

Flavour = Literal["cloud", "datacenter"]

IDS_A_PAGE = 5000
ROWS_A_PAGE = 1000
IDS_A_FETCH = 100
LOGS_A_PAGE = 100
MOST_EMPTY_PAGES = 100
"""Cloud gives pages without issues that are not the last: so many in a row are taken for a walk
without an end.
"""
FIELDS_KEPT = timedelta(minutes=10)
"""How long the list of fields is believed. It is also read again when it lacks a word that is
looked for, and when a field that it lists comes back in no issue.
"""
ACCOUNT_KEPT = timedelta(minutes=10)
"""How long who we are is believed, and in which timezone. Where that has changed, turns may have
asked for changes since a wrong minute: each scope is then read in full once (`Position.zone`).
"""
_ID_ONLY = ("id",)
_API = {"cloud": "3", "datacenter": "2"}


@dataclass(frozen=True)
class Page:
    """Some issues of a walk, and the position from which the walk continues after them."""

    issues: Sequence[Issue]
    position: Json


@dataclass
class _Kept:
    """What all runs of a source know of its Jira."""

    flavour: Flavour | None = None
    fields: tuple[datetime, FieldCatalogue] | None = None
    account: tuple[datetime, Account] | None = None


class JiraClient:
    """Asks one Jira. Every call ends by `deadline` (in ``time.monotonic()`` seconds) or raises
    TimedOut; every failure is an UpstreamError.
    """

    def __init__(self, config: SourceConfig, options: JiraOptions, transport: Transport) -> None:
        self._wire = Wire(config, transport)
        self._lock = threading.Lock()
        self._kept = _Kept()
        self._doubted = self._remembers = False
        self.related = Related(self._wire, self.flavour)
        if options.flavour != "auto":
            self._settle(options.flavour)

    def for_a_run(self) -> JiraClient:
        """The same Jira for one run, which believes and doubts for itself."""
        other = copy(self)
        other._doubted = other._remembers = False
        return other

    @property
    def source(self) -> str:
        """The name of the source."""
        return self._wire.source

    def _settle(self, flavour: Flavour) -> None:
        self._wire.package.speak(_API[flavour])
        self._kept.flavour = flavour

    def flavour(self, deadline: float) -> Flavour:
        """Which Jira this is; asks ``serverInfo`` the first time when it is not configured."""
        with self._lock:
            if self._kept.flavour is None:
                with self._wire.transport.deadline(deadline):
                    self._settle(self._found_flavour())
            assert self._kept.flavour is not None  # noqa: S101 - settled above
            return self._kept.flavour

    def _found_flavour(self) -> Flavour:
        # Only Cloud has a third version of the API, so the first question may find nothing.
        try:
            self._wire.package.speak(_API["cloud"])
            found = self._server_info()
        except NotFound:
            self._wire.package.speak(_API["datacenter"])
            found = self._server_info()
        return "cloud" if found.get("deploymentType") == "Cloud" else "datacenter"

    def _server_info(self) -> dict[str, Any]:
        found = self._wire.object(self._wire.package.server_info(), "serverInfo")
        self._wire.text(found, "version", "serverInfo")
        return found

    def version(self, deadline: float) -> str:
        """The server's version as it calls itself."""
        self.flavour(deadline)
        with self._wire.transport.deadline(deadline):
            return str(self._server_info()["version"])

    def account(self, deadline: float) -> Account:
        """Who we are, asked anew: the proof that an empty answer is not a dead token's."""
        self.flavour(deadline)
        answer = self._wire.get("myself", deadline)
        self._doubted = self._remembers = False
        found = account_of(self._wire.object(json_of(answer), "myself"), answer)
        if found is None:
            raise self._wire.bad("myself", "expected the account's displayName or name")
        return found

    def account_lately(self, deadline: float, now: datetime) -> Account:
        """Who we were at most `ACCOUNT_KEPT` before `now` (aware UTC)."""
        kept = self._kept.account
        if kept is None or abs(now - kept[0]) >= ACCOUNT_KEPT:
            kept = (now, self.account(deadline).seen(now))
            self._kept.account = kept
        else:
            self._remembers = True
        return kept[1]

    def prove(self, deadline: float, *, refused: bool = False) -> None:
        """Asks who we are, where an ending without issues was met since that was last asked; or
        where something was `refused` to a run that only remembers who we are.
        """
        if self._doubted or (refused and self._remembers):
            self.account(deadline)

    @property
    def doubts(self) -> bool:
        """Whether a walk ended without issues since it was last proven that the token lives."""
        return self._doubted

    def believe(self) -> None:
        """Something else has proven that the token lives."""
        self._doubted = False

    def fields(self, deadline: float, now: datetime, *, anew: bool = False) -> FieldCatalogue:
        """All fields this account may see, as they were at most `FIELDS_KEPT` before `now` (aware
        UTC), or as they are (`anew`).
        """
        kept = self._kept.fields
        if kept is not None and not anew and abs(now - kept[0]) < FIELDS_KEPT:
            return kept[1]
        self.flavour(deadline)
        with self._wire.transport.deadline(deadline):
            rows: Json = self._wire.package.fields()
        if not isinstance(rows, list):
            raise self._wire.bad("field", f"expected a list, got {type(rows).__name__}")
        catalogue = FieldCatalogue(rows, self._wire.source)
        self._kept.fields = (now, catalogue)
        return catalogue

    def looked_up(self, words: Iterable[str], deadline: float, now: datetime) -> Mapping[str, str]:
        """The id of the field that each word means. QueryRefused when one means none or several,
        also in a list of fields that was just read.
        """
        kept = self._kept.fields
        catalogue = self.fields(deadline, now)
        if kept is not None and kept[1] is catalogue:
            try:
                return catalogue.ids_of(words)
            except QueryRefused:
                catalogue = self.fields(deadline, now, anew=True)
        return catalogue.ids_of(words)

    def board_jql(self, board: int, deadline: float) -> str:
        """The conditions of the filter behind a board, without its order."""
        self.flavour(deadline)
        found = json_of(self._wire.get(f"board/{board}/configuration", deadline, AGILE))
        configuration = self._wire.object(found, "the board's configuration")
        behind = self._wire.object(configuration.get("filter"), "the board's filter").get("id")
        found = json_of(self._wire.get(f"filter/{behind}", deadline))
        saved = self._wire.object(found, "the board's filter")
        jql = without_order(self._wire.text(saved, "jql", "the board's filter"))
        if not jql:
            raise QueryRefused(
                f"{self._wire.source}: the filter of board {board} has no condition; expected one "
                "that bounds it, such as project = CE"
            )
        return jql

    def epic_jql(self, epic: str, deadline: float, now: datetime) -> str:
        """The condition that finds the issues of an epic: its children on Cloud, in every kind of
        project; on Data Center those that link to it, by a field whose name may be translated.
        """
        if self.flavour(deadline) == "cloud":
            return f"parent = {epic}"
        link = self.fields(deadline, now).epic_link()
        return f"cf[{link.removeprefix('customfield_')}] = {epic}"

    def issue(self, key: str, fields: Sequence[str], deadline: float) -> Issue:
        """The issue that has this key or had it before it moved. NotFound when there is none that
        may be seen, which a dead token is not taken for.
        """
        self.flavour(deadline)
        try:
            asked = {"fields": ",".join(fields)}
            answer = self._wire.get(f"issue/{key}", deadline, params=asked)
        except NotFound:
            self.account(deadline)
            raise
        return self._wire.issues({"issues": [json_of(answer)]}, "issue")[0]

    def count(self, jql: str, deadline: float) -> int:
        """How many issues the query finds: exact on Data Center, approximate on Cloud."""
        if self.flavour(deadline) == "cloud":
            answer = self._search("search/approximate-count", {"jql": jql}, deadline)
            return self._wire.whole(answer, "count", "approximate-count")
        body = {"jql": jql, "maxResults": 0, "fields": list(_ID_ONLY)}
        return self._wire.whole(self._search("search", body, deadline), "total", "search")

    def pages(
        self,
        jql: str,
        fields: Sequence[str],
        deadline: float,
        position: Json = None,
        *,
        logs: bool = False,
    ) -> Iterator[Page]:
        """Every issue the query finds, by ascending id, from `position` (None: the beginning).

        Ascending ids, because no edit changes an id: an issue edited while the pages are read
        neither appears twice nor pushes another one over the border of a page. `jql` is a
        conjunction without ORDER BY. A position that the server no longer accepts means reading
        from the beginning, so an issue may come again. An ending without issues is to be believed
        only after `prove`, because a dead token finds nothing and says 200. With `logs`, issues of
        Data Center bring their whole change logs (Cloud's are asked for in bulk: `Related`).
        """
        if self.flavour(deadline) == "cloud":
            return self._cloud_pages(jql, fields, deadline, position)
        return self._datacenter_pages(jql, fields, deadline, position, logs=logs)

    def ids(self, jql: str, deadline: float) -> set[str]:
        """The ids of all issues the query finds. What is not among them is taken to be gone, or to
        fail, and nobody may look at it again for long. So a walk that ends without issues is proven
        at once and made twice: at the run's end a token that was nobody's for a moment lives again.
        What was found once counts: if that is no longer so, it has changed and is read again.
        """
        before, self._doubted = self._doubted, False
        found = self._walked(jql, deadline)
        if self._doubted:
            self.prove(deadline)
            found |= self._walked(jql, deadline)
        self._doubted = before
        return found

    def _walked(self, jql: str, deadline: float) -> set[str]:
        return {
            issue["id"] for page in self.pages(jql, _ID_ONLY, deadline) for issue in page.issues
        }

    def issues(
        self, ids: Sequence[str], fields: Sequence[str], deadline: float, *, logs: bool = False
    ) -> Iterator[Page]:
        """Those of the issues that exist and may be seen, at most 100 at a time; `logs` as for
        `pages`.
        """
        cloud = self.flavour(deadline) == "cloud"
        for start in range(0, len(ids), IDS_A_FETCH):
            some = list(ids[start : start + IDS_A_FETCH])
            if cloud:
                body = {"issueIdsOrKeys": some, "fields": list(fields)}
                answer = self._wire.post("issue/bulkfetch", body, deadline)
                yield Page(self._wire.issues(answer, "issue/bulkfetch"), position=None)
            else:
                jql = f"id in ({', '.join(some)})"
                yield from self._datacenter_pages(
                    jql, fields, deadline, None, validate=False, logs=logs
                )

    # -------------------------------------------------------------------------------- dialects

    def _cloud_pages(
        self, jql: str, fields: Sequence[str], deadline: float, position: Json
    ) -> Iterator[Page]:
        token: Json = position
        seen: set[str] = set()
        begun_again = False
        empty = 0
        while True:
            body: dict[str, Any] = {
                "jql": f"{jql} ORDER BY id ASC",
                "fields": list(fields),
                "maxResults": IDS_A_PAGE if tuple(fields) == _ID_ONLY else ROWS_A_PAGE,
            }
            if token is not None:
                body["nextPageToken"] = token
            try:
                answer = self._search("search/jql", body, deadline)
            except QueryRefused as refusal:
                if token is None:
                    raise
                if begun_again:
                    raise QueryRefused(
                        f"{self._wire.source}: Jira refused its own page token twice: {refusal}"
                    ) from (refusal)
                token, begun_again = None, True
                seen.clear()
                continue
            issues = self._wire.issues(answer, "search/jql")
            following = answer.get("nextPageToken")
            last = answer.get("isLast") is True or (not following and "isLast" not in answer)
            if last:
                # Asked for again, the last page is its own position: nothing comes after it.
                yield Page(issues, position=token)
                self._doubted = self._doubted or not issues
                return
            if not isinstance(following, str) or not following:
                raise self._wire.bad(
                    "search/jql", "more pages are promised and no page token is given"
                )
            if following in seen or following == token:
                raise self._wire.bad(
                    "search/jql", "the same page token came twice, so the walk would never end"
                )
            empty = 0 if issues else empty + 1
            if empty > MOST_EMPTY_PAGES:
                raise self._wire.bad(
                    "search/jql", f"{empty} pages in a row held no issue, and none was the last"
                )
            seen.add(following)
            yield Page(issues, position=following)
            token = following

    def _datacenter_pages(
        self,
        jql: str,
        fields: Sequence[str],
        deadline: float,
        position: Json,
        *,
        validate: bool = True,
        logs: bool = False,
    ) -> Iterator[Page]:
        start = position if isinstance(position, int) else None
        last = start
        read, promised = 0, 0
        while True:
            body: dict[str, Any] = {
                "jql": f"{_after(jql, last)} ORDER BY id ASC",
                "fields": list(fields),
                "maxResults": LOGS_A_PAGE if logs else ROWS_A_PAGE,
            }
            if not validate:
                body["validateQuery"] = False
            if logs:
                body["expand"] = ["changelog"]
            try:
                answer = self._search("search", body, deadline)
            except QueryRefused:
                if start is None or read:
                    raise
                start = last = None
                continue
            issues = self._wire.issues(answer, "search")
            if not issues:
                # Where the page before said that it was the last, that is what was found.
                self._doubted = self._doubted or promised > 0 or not read
                if promised and self.count(_after(jql, start), deadline) > read:
                    raise self._wire.bad(
                        "search", f"ended after {read} issues with {promised} still to come"
                    )
                return
            for issue in issues:
                identifier = int(issue["id"])
                if last is not None and identifier <= last:
                    raise self._wire.bad(
                        "search",
                        "ids do not ascend, so the server ignored the condition or the "
                        "order that pages are made with",
                    )
                last = identifier
            read += len(issues)
            promised = self._wire.whole(answer, "total", "search") - len(issues)
            yield Page(issues, position=last)

    # --------------------------------------------------------------------------------- requests

    def _search(self, path: str, body: dict[str, Any], deadline: float) -> dict[str, Any]:
        try:
            answer = self._wire.post(path, body, deadline)
        except NotFound as nothing:
            other = "datacenter" if self._kept.flavour == "cloud" else "cloud"
            raise NotFound(
                f"{self._wire.source}: this Jira has no {path}, as {self._kept.flavour} has; if it "
                f"is the other kind, set flavour: {other} ({nothing})"
            ) from nothing
        if body.get("validateQuery") is not False:
            self._wire.must_not_complain(answer, path)
        return answer


def _after(jql: str, last: int | None) -> str:
    return jql if last is None else f"{jql} AND id > {last}"
