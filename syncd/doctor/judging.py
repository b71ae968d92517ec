"""What is too much skew, too little room, too few requests left. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from connectors.base import Budget
from connectors.checkup import Finding
from syncd.wording import size

SKEW_SECONDS = 30.0
"""More is no drift of a clock that is kept by NTP."""
HARMFUL_SKEW_SECONDS = 300.0
"""As far as Prometheus looks back for a sample, and as change logs are read over again: beyond it,
data is missed."""
LEAST_LEFT = 0.1
"""The share of a limit on requests below which little is left."""
LEAST_BYTES = 64 * 1024 * 1024
LEAST_DAYS = 14
"""How long before its end a certificate is told of."""

CLOCK = "clock"


@dataclass(frozen=True)
class Heard:
    """One telling of another's clock, in Unix seconds: at some moment between `asked` and
    `answered` by our clock it stood at `told`, cut to multiples of `step`.
    """

    asked: float
    answered: float
    told: float
    step: float = 1.0


@dataclass(frozen=True)
class Skew:
    """By how much another clock is ahead of ours, in seconds: at least `low`, at most `high`;
    less than 0: behind.
    """

    low: float
    high: float

    @property
    def certain(self) -> float:
        """What it is off by at least, whichever way; 0 where the two may agree."""
        return max(0.0, self.low, -self.high)


def skew_of(heard: Iterable[Heard]) -> Skew | None:
    """What all tellings together leave possible; None without one, or where no skew explains them
    all (several machines with clocks of their own, or an answer from a cache).

    >>> skew_of([Heard(100.0, 100.5, 103.0)])
    Skew(low=2.5, high=4.0)
    """
    tellings = list(heard)
    if not tellings:
        return None
    low = max(one.told - one.answered for one in tellings)
    high = min(one.told + one.step - one.asked for one in tellings)
    return Skew(low, high) if low <= high else None


def clock_told(heard: Sequence[Heard], whose: str) -> Finding:
    """Whether another's clock agrees with ours, with what is uncertain about that."""
    if not heard:
        return Finding.unknown(CLOCK, f"{whose} does not say what time it is there")
    skew = skew_of(heard)
    if skew is None:
        return Finding.unknown(
            CLOCK,
            f"the answers of {whose} contradict each other on what time it is: several machines "
            "answer, or a cache does",
            "keep the clocks behind this address by NTP",
        )
    says = f"the clock of {whose} is {_between(skew)}"
    fix = "keep both clocks by NTP (chrony, systemd-timesyncd); find out which one is off"
    if skew.certain > HARMFUL_SKEW_SECONDS:
        return Finding.problem(CLOCK, f"{says}: data of the last minutes is missed", fix)
    if skew.certain > SKEW_SECONDS:
        return Finding.warning(CLOCK, says, fix)
    return Finding.ok(CLOCK, says)


def _between(skew: Skew) -> str:
    if skew.low <= 0 <= skew.high:
        return f"the same as ours, to {max(-skew.low, skew.high):.1f} s"
    near, far = sorted((abs(skew.low), abs(skew.high)))
    return f"{_span(near)} to {_span(far)} {'ahead of' if skew.low > 0 else 'behind'} ours"


def _span(seconds: float) -> str:
    """As people read it.

    >>> _span(2.25), _span(3725.4)
    ('2.2 s', '1:02:05')
    """
    return f"{seconds:.1f} s" if seconds < 120 else str(timedelta(seconds=round(seconds)))


def budget_told(budget: Budget | None) -> list[Finding]:
    """What a server says of its limit on requests; nothing where it says nothing."""
    if budget is None:
        return []
    of = "" if budget.limit is None else f" of {budget.limit:g}"
    says = f"{budget.left:g}{of} requests are left, by the server's own word"
    fix = "ask less: limits.rate of the source, or longer intervals in `every`; or a higher limit"
    if budget.left < 1:
        return [Finding.problem("limit", says, fix)]
    if budget.limit and budget.left < LEAST_LEFT * budget.limit:
        return [Finding.warning("limit", says, fix)]
    return [Finding.ok("limit", says)]


def room_told(free_bytes: int, store_bytes: int, where: str) -> Finding:
    """Whether the disk that a store of this size lies on has room. A migration may rebuild its
    largest table, and a back-up is a second copy.
    """
    says = f"{size(free_bytes)} are free on the disk of {where}, and the store takes "
    says += size(store_bytes)
    if free_bytes < LEAST_BYTES:
        return Finding.problem("room", says, "make room, or move the store to a larger disk")
    if free_bytes < store_bytes:
        return Finding.warning(
            "room", f"{says}: too little to migrate or copy it", "make room before an upgrade"
        )
    return Finding.ok("room", says)


def schema_told(
    found: str | None, head: str, known: Collection[str], *, usable: bool = False
) -> Finding:
    """Whether a store's schema (None: no syncd has written there) is this version's; `usable`: it
    is, or a newer one that says that this version can work on it.
    """
    if found == head:
        return Finding.ok("schema", f"{found}, this version's")
    if usable:
        return Finding.ok(
            "schema", f"{found}, of a newer version, which lets this one ({head}) go on"
        )
    if found is None:
        return Finding.ok("schema", "none yet; the first `syncd run` makes it")
    if found in known:
        return Finding.warning(
            "schema",
            f"{found}, of an older version; this one has {head}",
            "back the store up; the next `syncd run` of this version brings it up to date",
        )
    return Finding.problem(
        "schema",
        f"{found}, which this version does not know; it has {head}",
        "run the newer version that wrote it, or restore the back-up made before the upgrade",
    )


def certificate_told(seconds_left: float) -> list[Finding]:
    """Whether a certificate that was accepted ends soon; nothing while that is far."""
    days = seconds_left / 86_400
    if days >= LEAST_DAYS:
        return []
    return [
        Finding.warning(
            "certificate", f"its certificate ends in {days:.1f} days", "have it renewed there"
        )
    ]
