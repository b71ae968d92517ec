"""The page of events, made of their kinds and of the model that the API answers with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from deploy.reference.errors import remarked
from deploy.reference.reasons import FURTHER, REASONS, Further
from deploy.reference.tables import MADE, code, sentence, table
from syncd.assess.status import Rule
from syncd.model import Event, EventKind, Status
from syncd.outgoing.severity import is_good, severity_of
from syncd.surfaces.api.application import openapi

HEAD = f"""\
# Events

{MADE}
When each kind is told is in [the feed](../guide/feed.md#what-is-told).

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
        + "## Reasons\n\n`reason` is a code for programs; `text` says the same to people.\n\n"
        + table(
            ("kind", "`reason`", "meaning"), (row for one in EventKind for row in _reasons(one))
        )
        + "### Rules of judgement\n\nWhat gave the status, of [judgement](judgement.md#status).\n\n"
        + table(("`reason`", "meaning"), [*remarked(Rule), UNKNOWN])
        + "## Keys of an event\n\nIn the API, in `_syncd` of an item of `/feed.json`, in the data "
        "of a stream, and in `data` of a\nwebhook. Their types are in [every address]"
        "(addresses.md#event).\n\n"
        + table(
            ("key", "meaning"),
            ((code(key), sentence(said.get("description", ""))) for key, said in keys.items()),
        )
    ).rstrip("\n") + "\n"


UNKNOWN = (code("unknown"), "It was judged by a version of syncd that did not keep the rule.")
_APART = {
    Further.RULES: "[a rule](#rules-of-judgement)",
    Further.ERRORS: "[`error_type`](errors.md#of-a-source)",
    Further.DOUBTS: "[a doubt](errors.md#of-a-number)",
}


def _reasons(kind: EventKind) -> Iterator[tuple[str, str, str]]:
    """A row for each code of its own, and for each list of others."""
    for one in FURTHER.get(kind, ()):
        yield code(kind.value), _APART[one], sentence(one.value)
    for reason, words in REASONS[kind].items():
        yield code(kind.value), code(reason), sentence(words)


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
