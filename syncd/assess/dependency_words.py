"""What a reason says of the things that a key result needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from syncd.model import ENDED, ExternalState, Needed
from syncd.wording import external_words, listed, status_words

_OUTSIDE: Final = "external:"


def waiting_words(needs: Mapping[str, Needed], slipping: Sequence[str]) -> str:
    """What is waited for, and because of what that slips; `slipping` has at least one id.

    Of what lies outside the state is told, because nobody can look it up among the key results;
    of what has ended how it ended, because it slips no more.

    >>> from syncd.model import Status
    >>> waiting_words({"a": Needed(Status.OFF_TRACK, ("b", "c"))}, ["a"])
    'waits for a, which slips because of c, by way of b'
    >>> waiting_words({"external:gnmi": Needed(Status.AT_RISK)}, ["external:gnmi"])
    'waits for external:gnmi, which is at risk'
    """
    if len(slipping) > 1:
        names = [_with_note(need, needs[need]) for need in slipping]
        return f"waits for {listed(names)}, which slip"
    need, needed = slipping[0], needs[slipping[0]]
    because = f" {_because(needed)}" if needed.chain else ""
    return f"waits for {need}, which {_state(need, needed) or 'slips'}{because}"


def _with_note(need: str, needed: Needed) -> str:
    state = _state(need, needed).removeprefix("is ").removeprefix("has ")
    note = " ".join(part for part in (state, _because(needed)) if part)
    return f"{need} ({note})" if note else need


def _state(need: str, needed: Needed) -> str:
    """In what state it is, where slipping alone would say too little; else empty."""
    outside = need.startswith(_OUTSIDE)
    if needed.status is None or not (outside or needed.status in ENDED):
        return ""
    if outside and needed.status is ExternalState.SLIPPED.status:
        return f"has {external_words(ExternalState.SLIPPED)}"
    return f"is {status_words(needed.status)}"


def _because(needed: Needed) -> str:
    if not needed.chain:
        return ""
    *between, cause = needed.chain
    return f"because of {cause}" + (f", by way of {listed(between)}" if between else "")
