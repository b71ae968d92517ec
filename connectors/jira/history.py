"""What a scan with a history must know before it reads: which queries can be told of the past, and
what to list so that issues which left the scope are found as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote

from connectors.base import Json
from connectors.jira.account import Account
from connectors.jira.client import JiraClient
from connectors.jira.jql import within
from connectors.jira.membership import Site
from connectors.jira.past import Past, read_query

MOST_WIDENED = 50_000
"""So many issues are listed at most to find those that left the scope: a backfill is made once, and
each of them costs its change log.
"""


def past_of(
    client: JiraClient,
    account: Account,
    scope: str | None,
    queries: Iterable[str],
    ids: Mapping[str, str],
    since: datetime,
    now: datetime,
    deadline: float,
) -> Past:
    """The past since `since` of the issues of a scope (None: issues named one by one) under these
    passing queries, with the fields that judges name.
    """
    catalogue = client.fields(deadline, now)

    def project(word: str) -> Mapping[str, Json] | None:
        return client.related.project(quote(word, safe=""), deadline)

    site = Site(
        catalogue=catalogue,
        zone=account.zone if account.zone_name is not None else None,
        cloud=client.flavour(deadline) == "cloud",
        project=project,
    )
    return Past(
        since,
        None if scope is None else read_query(scope, site),
        {query: read_query(query, site) for query in queries},
        ids,
        catalogue,
    )


def listing(
    client: JiraClient, past: Past, scope: str, deadline: float
) -> tuple[str, frozenset[str] | None]:
    """The query to list, and the ids in the scope now where it finds more than those (None)."""
    wider = past.wider
    if wider is None or client.count(within(wider), deadline) > MOST_WIDENED:
        return scope, None
    past.widened()
    return wider, frozenset(client.ids(within(scope), deadline))
