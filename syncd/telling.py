"""Which changes of an assessment are worth telling, and in what words. Pure."""

from __future__ import annotations

from syncd.model import Assessment, Event, KeyResult
from syncd.wording import status_words


def changes(key_result: KeyResult, before: Assessment | None, after: Assessment) -> list[Event]:
    """The events that turn `before` (None: never assessed) into `after`: none, or one."""
    if before is not None and before.status is after.status:
        return []
    was = "" if before is None else f" (was {status_words(before.status)})"
    return [
        Event(
            at=after.at,
            kind="kr.status",
            subject=key_result.key,
            title=f"{key_result.title}: {status_words(after.status)}{was}",
            text=after.reason,
            data={
                "from": None if before is None else before.status.value,
                "to": after.status.value,
                "team": key_result.team,
                "objective": key_result.objective,
                "owner": list(key_result.owner),
                "value": after.value,
                "progress": after.progress,
                "expected": after.expected,
                "pace": after.pace,
                "because": list(after.because),
                "chain": list(after.chain),
            },
        )
    ]
