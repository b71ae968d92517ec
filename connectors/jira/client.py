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
from typing import Any

from connectors.base import Json, NotFound, QueryRefused, SourceConfig
from connectors.jira.account import Account, account_of
from connectors.jira.fields import FieldCatalogue
from connectors.jira.jql import without_order
from connectors.jira.options import JiraOptions
from connectors.jira.related import ISSUES_A_LOG, Related
from connectors.jira.walking import ID_ONLY, Flavour, Page, Walks, joined
from connectors.jira.wire import AGILE, Issue, Wire
from connectors.transport import Transport, json_of

IDS_A_FETCH = 100
FIELDS_KEPT = timedelta(minutes=10)
"""How long the list of fields is believed. It is also read again when it lacks a word that is
looked for, and when a field that it lists comes back in no issue.
"""
ACCOUNT_KEPT = timedelta(minutes=10)
"""How long who we are is believed, and in which timezone. Where that has changed, turns may have
asked for changes since a wrong minute: each scope is then read in full once (`Position.zone`).
"""
_API = {"cloud": "3", "datacenter": "2"}


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
        self.related = Related(self._wire, self.flavour, self.account)
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
        return self._walks(deadline).count(jql, deadline)

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
        Data Center bring their whole change logs; Cloud's are asked for in bulk (`Related`), so
        that pages are joined to as many issues as that takes.
        """
        walks = self._walks(deadline)
        if walks.flavour == "cloud":
            found = walks.cloud(jql, fields, deadline, position)
            return joined(found, ISSUES_A_LOG) if logs else found
        return walks.datacenter(jql, fields, deadline, position, logs=logs)

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
        return {issue["id"] for page in self.pages(jql, ID_ONLY, deadline) for issue in page.issues}

    def issues(
        self, ids: Sequence[str], fields: Sequence[str], deadline: float, *, logs: bool = False
    ) -> Iterator[Page]:
        """Those of the issues that exist and may be seen, at most 100 at a time; `logs` as for
        `pages`. Where some do not come, it is proven at once that the token lives, and all are
        asked for again: what does not come then is gone.
        """
        before = self._doubted
        for start in range(0, len(ids), IDS_A_FETCH):
            some = list(ids[start : start + IDS_A_FETCH])
            found = self._fetched(some, fields, deadline, logs=logs)
            if len(found) < len(some):
                self.account(deadline)
                found |= self._fetched(some, fields, deadline, logs=logs)
            self._doubted = before
            yield Page(list(found.values()), position=None)

    def _fetched(
        self, ids: Sequence[str], fields: Sequence[str], deadline: float, *, logs: bool
    ) -> dict[str, Issue]:
        walks = self._walks(deadline)
        if walks.flavour == "cloud":
            body = {"issueIdsOrKeys": list(ids), "fields": list(fields)}
            answer = self._wire.post("issue/bulkfetch", body, deadline)
            pages = [Page(self._wire.issues(answer, "issue/bulkfetch"), position=None)]
        else:
            jql = f"id in ({', '.join(ids)})"
            pages = [*walks.datacenter(jql, fields, deadline, None, validate=False, logs=logs)]
        return {issue["id"]: issue for page in pages for issue in page.issues}

    def _walks(self, deadline: float) -> Walks:
        return Walks(self._wire, self.flavour(deadline), self._doubt)

    def _doubt(self) -> None:
        self._doubted = True
