"""The sandbox Jira itself: its address, who may ask, its faults, and edits from outside."""

from __future__ import annotations

import base64
import binascii
import errno
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncd.demo.jira import agreements, directory, issues, pages, searching
from syncd.demo.jira.asked import Refused
from syncd.demo.jira.meaning import Asking
from syncd.demo.jira.render import Render
from syncd.demo.jira.seed import Seed, UserSeed
from syncd.demo.jira.service import Call, Service
from syncd.demo.jira.site import Flavour, Site
from syncd.demo.jira.world import World
from syncd.demo.serving import Answer, Clock, Request, Sandbox

_PORTS_TRIED = 50
_Handler = Callable[..., Answer]
_Routes = tuple[tuple[str, str, _Handler], ...]

_API = r"/rest/api/(?:2|latest|3)"
_ONLY_CLOUD = "/rest/api/3/"
_BOARD = r"/rest/agile/1\.0/board"
_BOTH: _Routes = (
    ("GET", rf"{_API}/serverInfo", directory.server_info),
    ("GET", rf"{_API}/myself", directory.myself),
    ("GET", rf"{_API}/field", directory.fields),
    ("GET", rf"{_API}/status", directory.statuses),
    ("GET", rf"{_API}/statuscategory", directory.status_categories),
    ("GET", rf"{_API}/project/([^/]+)", directory.project),
    ("GET", rf"{_API}/filter/(\d+)", directory.saved_filter),
    ("GET", rf"{_API}/issue/([^/]+)", issues.one),
    ("GET", rf"{_API}/issue/([^/]+)/comment", issues.comments),
    ("GET", _BOARD, directory.boards),
    ("GET", rf"{_BOARD}/(\d+)", directory.board),
    ("GET", rf"{_BOARD}/(\d+)/configuration", directory.board_configuration),
    ("GET", rf"{_BOARD}/(\d+)/issue", directory.board_issues),
    ("GET", r"/rest/servicedeskapi/info", agreements.info),
    ("GET", r"/rest/servicedeskapi/request/([^/]+)/sla", agreements.of_request),
    ("GET", r"/browse/([^/]+)", pages.issue),
    ("GET", r"/issues/?", pages.issues),
)
_ROUTES: Mapping[Flavour, _Routes] = {
    "cloud": (
        ("GET POST", rf"{_API}/search", searching.gone),
        ("GET POST", rf"{_API}/search/jql", searching.by_token),
        ("POST", rf"{_API}/search/approximate-count", searching.approximate_count),
        ("POST", rf"{_API}/jql/match", searching.match),
        ("POST", rf"{_API}/issue/bulkfetch", issues.fetch),
        ("POST", rf"{_API}/changelog/bulkfetch", issues.fetch_changelogs),
        ("GET", rf"{_API}/issue/([^/]+)/changelog", issues.changelog),
        ("GET", rf"{_API}/field/search", directory.find_fields),
        ("GET", rf"{_API}/project/search", directory.projects),
        *_BOTH,
    ),
    "datacenter": (("GET POST", rf"{_API}/search", searching.by_offset), *_BOTH),
}


@dataclass(frozen=True, slots=True)
class _Fault:
    answer: Answer
    path: re.Pattern[str]


class JiraSandbox(Sandbox):
    """A Jira on the loopback address that shows a seed as it is at the clock's moment.

    Cloud takes basic authentication with `user` (None: any name) and `token`, Data Center the
    token as bearer. The account asked as is the user of the seed whose account id, name or e-mail
    `user` is, or one made for it; JQL reads dates in `timezone`, and times are written in it.
    With wrong credentials ``/myself`` says 401 and a search finds nothing, with 200.

    `page_size` is the most issues a page holds once fields are named. A `port` that is taken
    gives way to the next free one.
    """

    def __init__(
        self,
        seed: Seed,
        clock: Clock,
        *,
        flavour: Flavour = "cloud",
        token: str,
        user: str | None = None,
        timezone: str = "America/Los_Angeles",
        page_size: int = 100,
        port: int = 0,
    ) -> None:
        super().__init__(clock, port=port)
        self._zone = ZoneInfo(timezone)
        seed, self._account = _with_account(seed, user, timezone)
        site = Site(seed, flavour)
        self._service = Service(seed, flavour, site, World(site, seed), page_size)
        self._user = user
        self._token: str | None = token
        self._fault: _Fault | None = None
        self._faults_left: int | None = None

    # --------------------------------------------------------------------------------- serving

    def start(self) -> str:
        """The address, once the server listens."""
        for _ in range(_PORTS_TRIED):
            try:
                return super().start()
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not self._port:
                    raise
                self._port += 1
        raise OSError(errno.EADDRINUSE, f"no free port among {_PORTS_TRIED} before {self._port}")

    def answer(self, request: Request) -> Answer:
        """What Jira answers at the clock's moment."""
        now = self._clock()
        fault = self._faulty(request, now)
        if fault is not None:
            return fault
        account = self._account if self._knows(request) else None
        # Pages are for people, who need no credentials here.
        if not request.path.startswith("/rest/"):
            account = self._account
        service = self._service
        api = "3" if "/api/3/" in request.path else "2"
        call = Call(
            service=service,
            request=request,
            now=now,
            account=account,
            render=Render(
                service.site,
                self.url,
                api,
                self._zone,
                lambda key: service.world.find(key, now),
            ),
            asking=Asking(now, self._zone, self._account),
        )
        try:
            answer = _routed(call)
        except Refused as refused:
            answer = refused.answer
        if account is None and "authorization" in request.headers:
            headers = (*answer.headers, ("X-Seraph-LoginReason", "AUTHENTICATED_FAILED"))
            return Answer(answer.status, answer.body, answer.content_type, headers)
        return answer

    def _knows(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        token = self._token
        if token is None:
            return False
        if not self._service.site.cloud:
            return scheme.casefold() == "bearer" and _same(given.strip(), token)
        if scheme.casefold() != "basic":
            return False
        try:
            name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return _same(password, token) and (self._user is None or _same(name, self._user))

    # ---------------------------------------------------------------------------------- faults

    def fail_with(
        self,
        status: int,
        *,
        retry_after: str | int | float | None = None,
        body: str | None = None,
        content_type: str = "text/html; charset=utf-8",
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
        path: str = "",
    ) -> None:
        """From now on, until `recover` or for that many `times`, requests whose path contains the
        regular expression `path` are answered with this status. `retry_after` is written as it is.
        """
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        sent = tuple((headers or {}).items())
        if retry_after is not None:
            sent += (("Retry-After", str(retry_after)),)
        content = page if body is None else body
        answer = Answer(status, content.encode(), content_type, sent)
        with self._lock:
            self._fault = _Fault(answer, re.compile(path))
            self._faults_left = times

    def recover(self) -> None:
        """Ends what `fail_with` began."""
        with self._lock:
            self._fault = None

    def _faulty(self, request: Request, now: datetime) -> Answer | None:
        with self._lock:
            fault = self._fault
            if fault is not None and fault.path.search(request.path):
                if self._faults_left is None:
                    return fault.answer
                if self._faults_left > 0:
                    self._faults_left -= 1
                    return fault.answer
        for outage in self._service.seed.outages:
            if outage.covers(now):
                header = outage.retry_after
                page = "<html><body><h1>Service Unavailable</h1></body></html>"
                headers = () if header is None else (("Retry-After", header),)
                return Answer.html(page, outage.status, headers)
        return None

    def revoke(self, *, token: str | None = None) -> None:
        """Makes the token a dead one; `token` is the good one from now on, if any."""
        self._token = token

    def forget_page_tokens(self) -> None:
        """Makes every page token given out so far invalid."""
        self._service.tokens.forget()

    def shorten_pages(self, *lengths: int) -> None:
        """Pages of a walk on Cloud hold at most these many issues, in turn; 0 makes an empty page
        with a token. Without lengths, pages are as long as usual again.
        """
        if lengths and not any(length > 0 for length in lengths):
            raise ValueError("one of the lengths must be more than 0, or a walk would never end")
        self._service.page_lengths = lengths

    def lag_index(self, lag: timedelta) -> None:
        """Searches see issues as they were `lag` ago, unless asked to reconcile them."""
        self._service.index_lag = lag

    def limit_window(self, window: int | None) -> None:
        """Offsets past `window` are answered with 500 on Data Center (None: never)."""
        self._service.window = window

    def write_changelog_times_as_numbers(self, *, numbers: bool = True) -> None:
        """Bulk change logs write times in milliseconds since 1970, as Cloud does at times."""
        self._service.changelog_millis = numbers

    def shorten_changelog_pages(self, entries: int | None) -> None:
        """Pages of bulk change logs hold at most so many entries (None: as many as asked for)."""
        self._service.changelog_page = entries

    # ----------------------------------------------------------------------------------- edits

    def create_issue(self, project: str, fields: Mapping[str, Any]) -> str:
        """The key of a new issue, created now by the account. Fields are as in a seed. ValueError
        when it makes no sense.
        """
        return self._service.world.create(
            project, fields, at=self._clock(), author=self._account, key=None
        )

    def edit_issue(
        self, issue: str, fields: Mapping[str, Any], *, author: str | None = None
    ) -> None:
        """Sets fields of the issue of this id or key, as one entry of its change log."""
        self._change(issue, tuple(fields.items()), author)

    def comment_on_issue(self, issue: str, body: str) -> None:
        """Adds a comment: `updated` moves, the change log does not."""
        self._service.world.change(issue, at=self._clock(), author=self._account, comment=body)

    def delete_issue(self, issue: str) -> None:
        """Deletes the issue."""
        self._change(issue, (("deleted", True),))

    def hide_issue(self, issue: str) -> None:
        """Takes the issue out of the account's sight."""
        self._change(issue, (("visible", False),))

    def show_issue(self, issue: str) -> None:
        """Brings a hidden issue back into sight."""
        self._change(issue, (("visible", True),))

    def move_issue(self, issue: str, project: str) -> str:
        """The new key of the issue, which keeps its id in the other project."""
        return self._service.world.move(issue, project, at=self._clock(), author=self._account)

    def _change(
        self, issue: str, changes: Sequence[tuple[str, Any]], author: str | None = None
    ) -> None:
        self._service.world.change(
            issue, at=self._clock(), author=author or self._account, changes=changes
        )


def _routed(call: Call) -> Answer:
    wrong_method = False
    if call.request.path.startswith(_ONLY_CLOUD) and not call.service.site.cloud:
        raise Refused(404, "Not found")
    for methods, pattern, handler in _ROUTES[call.service.flavour]:
        match = re.fullmatch(pattern, call.request.path)
        if match is None:
            continue
        if call.request.method in methods.split():
            return handler(call, *match.groups())
        wrong_method = True
    raise Refused(405 if wrong_method else 404, "Not found" if not wrong_method else "Not allowed")


def _with_account(seed: Seed, user: str | None, timezone: str) -> tuple[Seed, str]:
    """The seed with the account's timezone set, and the account's id."""
    for known in seed.users:
        if user is not None and user in (known.account_id, known.name, known.email_address):
            account = known
            break
    else:
        account = UserSeed.model_validate(
            {"accountId": "reader", "displayName": "Reader", "emailAddress": user}
        )
    account = account.model_copy(update={"time_zone": timezone})
    others = [each for each in seed.users if each.account_id != account.account_id]
    return seed.model_copy(update={"users": (*others, account)}), account.account_id


def _same(one: str, two: str) -> bool:
    return hmac.compare_digest(one.encode(), two.encode())
