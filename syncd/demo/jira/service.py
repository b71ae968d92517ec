"""What the endpoints of a sandbox Jira share: its state, its knobs, and one request's context."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from connectors.jira.jql_tree import JqlError, parse
from syncd.demo.jira.asked import Refused
from syncd.demo.jira.meaning import Asking
from syncd.demo.jira.past import State
from syncd.demo.jira.render import Render
from syncd.demo.jira.search import Found, Search
from syncd.demo.jira.seed import Seed
from syncd.demo.jira.site import Flavour, Site
from syncd.demo.jira.world import World
from syncd.demo.serving import Request

_TOKEN_LIFE = timedelta(days=7)
_TOKENS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Walk:
    jql: str
    page: int
    after: Any
    issued: datetime


class Tokens:
    """Page tokens: opaque, for one query, valid for seven days."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._walks: OrderedDict[str, _Walk] = OrderedDict()

    def issue(self, jql: str, page: int, after: Any, now: datetime) -> str:
        """A token to continue the query after what was sorted by `after` (None: from the start)."""
        with self._lock:
            token = f"Ch0jU3RyaW5nJlUwVlNWa1U9{next(self._numbers):08x}"
            self._walks[token] = _Walk(jql, page, after, now)
            while len(self._walks) > _TOKENS_KEPT:
                self._walks.popitem(last=False)
            return token

    def redeem(self, token: str, jql: str, now: datetime) -> tuple[int, Any]:
        """The page's number and what it comes after. Refused when the token is not good."""
        with self._lock:
            walk = self._walks.get(token)
        if walk is None or walk.jql != jql or now - walk.issued > _TOKEN_LIFE:
            raise Refused(400, "The provided next page token is invalid or expired.")
        return walk.page, walk.after

    def forget(self) -> None:
        """Makes every token invalid."""
        with self._lock:
            self._walks.clear()


@dataclass
class Service:
    """One Jira and how it behaves.

    `page_size` is the most issues a page holds once fields are named, `page_lengths` shortens
    pages in turn (0: an empty page with a token), `index_lag` is how old a search's view is,
    `window` the offset past which Data Center fails, `changelog_millis` whether bulk change logs
    write times as numbers, `changelog_page` the most entries that a page of those holds.
    """

    seed: Seed
    flavour: Flavour
    site: Site
    world: World
    page_size: int
    page_lengths: Sequence[int] = ()
    index_lag: timedelta = timedelta(0)
    window: int | None = None
    changelog_millis: bool = False
    changelog_page: int | None = None
    tokens: Tokens = field(default_factory=Tokens)

    def __post_init__(self) -> None:
        self.search = Search(self.site, self.world)


@dataclass(frozen=True)
class Call:
    """One request: when it came, from whom (None: nobody known), and how to write to them."""

    service: Service
    request: Request
    now: datetime
    account: str | None
    render: Render
    asking: Asking

    def find(self, word: str) -> State:
        """The issue of this id or key. Refused with 404 when it cannot be seen."""
        state = None if self.account is None else self.service.world.find(word, self.now)
        if state is None:
            raise Refused(404, "Issue does not exist or you do not have permission to see it.")
        return state

    def run(self, jql: str, *, fresh: Sequence[int] = (), lenient: bool = False) -> Found:
        """What a query finds, as the index knows it; the issues `fresh` as they are. Refused."""
        try:
            if self.account is None:
                # Nobody known sees nothing, and is not told that a field or project exists.
                parse(jql)
                return Found((), ())
            states = None
            if self.service.index_lag:
                world = self.service.world
                indexed = {s.id: s for s in world.states(self.now - self.service.index_lag)}
                for state in world.states(self.now):
                    if state.id in fresh:
                        indexed[state.id] = state
                states = list(indexed.values())
            return self.service.search.run(jql, self.asking, states, lenient=lenient)
        except JqlError as error:
            raise Refused.of(error) from error

    def must_be_known(self) -> str:
        """The account id of the caller. Refused with 401 without one."""
        if self.account is None:
            raise Refused(
                401, "You are not authenticated. Authentication required to perform this operation."
            )
        return self.account
