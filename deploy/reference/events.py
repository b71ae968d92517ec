"""The page of events, made of their kinds and of the model that the API answers with."""

from __future__ import annotations

from datetime import UTC, datetime

from deploy.reference.tables import MADE, code, sentence, table
from syncd.model import Event, EventKind, Status
from syncd.outgoing.severity import is_good, severity_of
from syncd.surfaces.api.application import openapi

HEAD = f"""\
# Events

{MADE}
When each kind is told, and for which reasons, is in [the feed](../guide/feed.md#what-is-told).

"""


def events_page() -> str:
    """docs/reference/events.md."""
    keys = openapi()["components"]["schemas"]["Event"]["properties"]
    return (
        f"{HEAD}## Kinds\n\n"
        "*Severity* is what a route of [notifications](../guide/notifications.md) compares with\n"
        "`at_least`; *good* is what it tells as good news. A [webhook](../guide/webhooks.md) has "
        "the kind\nin its `type`: `syncd.missed`.\n\n"
        + table(("kind", "severity", "good"), map(_kind, EventKind))
        + "## Keys of an event\n\nIn the API, in `_syncd` of an item of `/feed.json`, in the data "
        "of a stream, and in `data` of a\nwebhook. Their types are in [every address]"
        "(addresses.md#event).\n\n"
        + table(
            ("key", "meaning"),
            ((code(key), sentence(said.get("description", ""))) for key, said in keys.items()),
        )
    ).rstrip("\n") + "\n"


def _kind(kind: EventKind) -> tuple[str, str, str]:
    """Those whose severity hangs on the status that they lead to have one for each."""
    told: dict[str, list[str]] = {}
    good: list[str] = []
    others = {str(one) for one in EventKind}  # achieved and missed are told by kinds of their own
    for status in (one for one in Status if one not in others):
        event = _event(kind, status)
        told.setdefault(severity_of(event).name.lower(), []).append(code(status.value))
        if is_good(event):
            good.append(code(status.value))
    severities = [
        severity if len(told) == 1 else f"{severity}: {', '.join(statuses)}"
        for severity, statuses in told.items()
    ]
    all_good = is_good(_event(kind, Status.NO_TARGET))
    return code(kind.value), "; ".join(severities), "yes" if all_good else ", ".join(good)


def _event(kind: EventKind, status: Status) -> Event:
    return Event(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        kind=kind,
        subject="",
        title="",
        text="",
        reason="",
        after={"status": status.value},
    )
