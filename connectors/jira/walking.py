"""How the issues that a query finds are walked through in each kind of Jira: pages, and ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connectors.base import Json, NotFound, QueryRefused
from connectors.jira.entries import found_with_logs
from connectors.jira.wire import Issue, Wire
from connectors.transport import Shape

Flavour = Literal["cloud", "datacenter"]

IDS_A_PAGE = 5000
ROWS_A_PAGE = 1000
LOGS_A_PAGE = 100
MOST_EMPTY_PAGES = 100
"""Cloud gives pages without issues that are not the last: so many in a row are taken for a walk
without an end.
"""
ID_ONLY = ("id",)


@dataclass(frozen=True)
class Page:
    """Some issues of a walk, and the position from which the walk continues after them."""

    issues: Sequence[Issue]
    position: Json


@dataclass(frozen=True)
class Walks:
    """Walks through the issues of one Jira. `empty` is called when one ends without issues, as it
    does for a dead token too.
    """

    wire: Wire
    flavour: Flavour
    empty: Callable[[], None]

    def count(self, jql: str, deadline: float) -> int:
        """How many issues the query finds: exact on Data Center, approximate on Cloud."""
        if self.flavour == "cloud":
            answer = self._search("search/approximate-count", {"jql": jql}, deadline)
            return self.wire.whole(answer, "count", "approximate-count")
        body = {"jql": jql, "maxResults": 0, "fields": list(ID_ONLY)}
        return self.wire.whole(self._search("search", body, deadline), "total", "search")

    def cloud(
        self, jql: str, fields: Sequence[str], deadline: float, position: Json
    ) -> Iterator[Page]:
        """Page by page of `search/jql`, each with the token of the one after it."""
        token: Json = position
        seen: set[str] = set()
        begun_again = False
        empty = 0
        while True:
            body: dict[str, Any] = {
                "jql": f"{jql} ORDER BY id ASC",
                "fields": list(fields),
                "maxResults": IDS_A_PAGE if tuple(fields) == ID_ONLY else ROWS_A_PAGE,
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
                        f"{self.wire.source}: Jira refused its own page token twice: {refusal}"
                    ) from (refusal)
                token, begun_again = None, True
                seen.clear()
                continue
            issues = self.wire.issues(answer, "search/jql")
            following = answer.get("nextPageToken")
            last = answer.get("isLast") is True or (not following and "isLast" not in answer)
            if last:
                # Asked for again, the last page is its own position: nothing comes after it.
                yield Page(issues, position=token)
                if not issues:
                    self.empty()
                return
            if not isinstance(following, str) or not following:
                raise self.wire.bad(
                    "search/jql", "more pages are promised and no page token is given"
                )
            if following in seen or following == token:
                raise self.wire.bad(
                    "search/jql", "the same page token came twice, so the walk would never end"
                )
            empty = 0 if issues else empty + 1
            if empty > MOST_EMPTY_PAGES:
                raise self.wire.bad(
                    "search/jql", f"{empty} pages in a row held no issue, and none was the last"
                )
            seen.add(following)
            yield Page(issues, position=following)
            token = following

    def datacenter(
        self,
        jql: str,
        fields: Sequence[str],
        deadline: float,
        position: Json,
        *,
        validate: bool = True,
        logs: bool = False,
    ) -> Iterator[Page]:
        """Page by page of `search`, each with the id of its last issue; `validate`: a query that
        names issues which are not there is refused.
        """
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
                answer = self._search("search", body, deadline, found_with_logs if logs else None)
            except QueryRefused:
                if start is None or read:
                    raise
                start = last = None
                continue
            issues = self.wire.issues(answer, "search")
            if not issues:
                # Where the page before said that it was the last, that is what was found.
                if promised > 0 or not read:
                    self.empty()
                if promised and self.count(_after(jql, start), deadline) > read:
                    raise self.wire.bad(
                        "search", f"ended after {read} issues with {promised} still to come"
                    )
                return
            for issue in issues:
                identifier = int(issue["id"])
                if last is not None and identifier <= last:
                    raise self.wire.bad(
                        "search",
                        "ids do not ascend, so the server ignored the condition or the "
                        "order that pages are made with",
                    )
                last = identifier
            read += len(issues)
            promised = self.wire.whole(answer, "total", "search") - len(issues)
            yield Page(issues, position=last)

    def _search(
        self, path: str, body: dict[str, Any], deadline: float, shape: Shape | None = None
    ) -> dict[str, Any]:
        try:
            answer = self.wire.post(path, body, deadline, shape)
        except NotFound as nothing:
            other = "datacenter" if self.flavour == "cloud" else "cloud"
            raise NotFound(
                f"{self.wire.source}: this Jira has no {path}, as {self.flavour} has; if it "
                f"is the other kind, set flavour: {other} ({nothing})"
            ) from nothing
        if body.get("validateQuery") is not False:
            self.wire.must_not_complain(answer, path)
        return answer


def _after(jql: str, last: int | None) -> str:
    return jql if last is None else f"{jql} AND id > {last}"


def joined(pages: Iterable[Page], most: int) -> Iterator[Page]:
    """Pages of so many issues, or of some more. What comes again meanwhile (where a walk had to
    begin again) counts as it came last.
    """
    held: dict[str, Issue] = {}
    position: Json = None
    for page in pages:
        held |= {issue["id"]: issue for issue in page.issues}
        position = page.position
        if len(held) >= most:
            yield Page(list(held.values()), position)
            held = {}
    if held:
        yield Page(list(held.values()), position)
