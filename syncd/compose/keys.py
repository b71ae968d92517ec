"""Two keyed sets compared: which keys of one are in the other, which are held twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Outcome

_REMOVE = "remove:"


@dataclass(frozen=True)
class Member:
    """An object of a set, by one of its keys (as the upstream writes it), with the verdict that
    holds of it and since when it has held the key so (on the side that is searched: and passed).
    """

    key: str
    object_id: str
    label: str
    url: str | None
    outcome: Outcome
    since: datetime
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Key:
    """A normalised key and who holds it on either side. `state`: what the comparison says of it
    (on the counted side only, else None). `due`: until when the other side may still get it.
    """

    key: str
    state: Outcome | None
    of: tuple[Member, ...] = ()
    inside: tuple[Member, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True)
class Matching:
    """Two sets compared, each list in the order of its keys.

    `counted`: every key of the counted side. `extra`: keys that only the other side has.
    `twice_of`, `twice_inside`: keys that two objects of one side hold.
    """

    counted: tuple[Key, ...]
    extra: tuple[Key, ...]
    twice_of: tuple[Key, ...]
    twice_inside: tuple[Key, ...]

    def number_of(self, state: Outcome) -> int:
        """How many counted keys are in this state."""
        return sum(key.state is state for key in self.counted)

    @property
    def missing(self) -> tuple[Key, ...]:
        """The counted keys that do not pass: failed, or still pending."""
        return tuple(key for key in self.counted if key.state is not Outcome.PASS)


def normalised(key: str, steps: Sequence[str]) -> str:
    """The key after each step in order: ``trim``, ``lower``, ``upper``, ``strip_domain``,
    ``remove:TEXT``. One of which nothing would be left stays as it was written, so that two such
    keys do not match each other. Raises ValueError for an unknown step.

    >>> normalised(" Node7.Example.org ", ("trim", "lower", "strip_domain", "remove:node"))
    '7'
    """
    found = key
    for step in steps:
        if step == "trim":
            found = found.strip()
        elif step == "lower":
            found = found.lower()
        elif step == "upper":
            found = found.upper()
        elif step == "strip_domain":
            found = found.partition(".")[0]
        elif step.startswith(_REMOVE):
            found = found.replace(step.removeprefix(_REMOVE), "")
        else:
            raise ValueError(
                f"got the step {step!r}; expected trim, lower, upper, strip_domain or remove:TEXT"
            )
    return found or key


def matched(
    of: Iterable[Member],
    inside: Iterable[Member],
    *,
    normalise: Sequence[str] = (),
    within_seconds: float | None = None,
    now: datetime,
) -> Matching:
    """Which keys of `of` are in `inside` at `now`.

    A key of `of` counts whatever its verdict; one of `inside` matches only where its verdict
    passes. With `within_seconds` it passes if the other side has had it since at most so long
    after `of` had it, is pending until then, and fails after, there or not.
    """
    counted = _by_key(of, normalise)
    other = _by_key(inside, normalise)
    keys = []
    for key, holders in counted.items():
        found = other.get(key, ())
        since = [member.since for member in found if member.outcome is Outcome.PASS]
        due = None
        if within_seconds is not None:
            due = min(member.since for member in holders) + timedelta(seconds=within_seconds)
        keys.append(Key(key, _state(since, due, now), holders, found, due))
    return Matching(
        counted=tuple(keys),
        extra=tuple(
            Key(key, None, (), holders) for key, holders in other.items() if key not in counted
        ),
        twice_of=tuple(key for key in keys if _is_twice(key.of)),
        twice_inside=tuple(
            Key(key, None, counted.get(key, ()), holders)
            for key, holders in other.items()
            if _is_twice(holders)
        ),
    )


def _state(since: Sequence[datetime], due: datetime | None, now: datetime) -> Outcome:
    if due is None:
        return Outcome.PASS if since else Outcome.FAIL
    if since and min(since) <= due:
        return Outcome.PASS
    return Outcome.PENDING if now < due else Outcome.FAIL


def _by_key(members: Iterable[Member], normalise: Sequence[str]) -> dict[str, tuple[Member, ...]]:
    found: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        found[normalised(member.key, normalise)].append(member)
    return {
        key: tuple(sorted(found[key], key=lambda member: (member.label, member.object_id)))
        for key in sorted(found)
    }


def _is_twice(members: Sequence[Member]) -> bool:
    return len({member.object_id for member in members}) > 1
