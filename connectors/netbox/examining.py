"""What is looked at in a NetBox: its version, what the account may see and change, and how far
back the change log goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Forbidden, NotFound, UpstreamError
from connectors.checkup import Checkup, Finding, Version, a_few, failed, version_fits
from connectors.netbox.api import Api
from connectors.netbox.points import parsed
from connectors.netbox.rights import Log, endpoints_of, log_reaches, permission, unseen

OLDEST: Version = (4, 0)
TESTED: Version = (4, 7)
"""What the tests run."""


def examine(api: Api, checkup: Checkup) -> Iterator[Finding]:
    """What is found; asks one row of each endpoint. Raises an UpstreamError."""
    yield version_fits("NetBox", checkup.identity.version, oldest=OLDEST, tested=TESTED)
    asked: dict[str, list[str]] = {}
    for one in checkup.wanted:
        for endpoint in endpoints_of(one):
            asked.setdefault(endpoint, []).append(one.name)
    seen: list[str] = []
    empty: dict[str, list[str]] = {}
    for endpoint, names in sorted(asked.items()):
        try:
            there = api.count(endpoint, {})
        except UpstreamError as error:
            if error.of_source:
                raise
            yield _refused(api, endpoint, names, error)
            continue
        if there:
            seen.append(endpoint)
        else:
            empty[endpoint] = names
    if seen:
        yield Finding.ok("objects", f"may be seen: {a_few(seen, 8)}")
    yield from unseen(empty)
    if seen:
        yield from _may_write(api, seen[0])
    yield from _change_log(api, checkup)


def _refused(api: Api, endpoint: str, names: list[str], error: UpstreamError) -> Finding:
    asking = f"{a_few(names)} ask{'s' if len(names) == 1 else ''} for {endpoint}"
    if isinstance(error, Forbidden):
        needed = permission(api.object_type(endpoint))
        return Finding.problem(
            "objects",
            f"{asking}, which the account may not see",
            f"give it an object permission with the action view ({needed})",
        )
    return failed("objects", error)


def _may_write(api: Api, endpoint: str) -> Iterator[Finding]:
    try:
        actions = api.allowed(endpoint)
    except UpstreamError as error:
        yield Finding.unknown("read only", f"whether the token may write is not told ({error})")
        return
    if actions & {"POST", "PUT", "PATCH"}:
        yield Finding.warning(
            "read only",
            f"the token may also write ({endpoint}), which nothing here does",
            "make a token with `write enabled` off, of an account with the action view only",
        )
    else:
        yield Finding.ok("read only", f"the token cannot add to {endpoint}")


def _change_log(api: Api, checkup: Checkup) -> Iterator[Finding]:
    try:
        rows = api.first(api.change_log, [("ordering", "time")], ["id", "time"])["results"]
    except (Forbidden, NotFound) as error:
        yield Finding.warning(
            "change log",
            f"it cannot be read ({error}): what is judged by parts of an object is read in full "
            "each turn, and first_seen is taken from `created`",
            f"give the account the action view on {permission(api.log_type)}",
        )
        return
    at = parsed(rows[0]["time"]) if rows else None
    oldest = None if at is None else Log(int(rows[0]["id"]), at)
    yield from log_reaches(oldest, checkup.wanted, checkup.now)
