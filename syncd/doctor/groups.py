"""What was found, by what was looked at, and how it is looked at side by side."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.checkup import Finding, Level

Tell = Callable[[Finding], None]
GRACE_SECONDS = 2.0
"""How long after its deadline a look may still take to say so itself."""


@dataclass(frozen=True)
class Group:
    """What was found of one thing."""

    name: str
    findings: Sequence[Finding]

    def document(self) -> Mapping[str, Any]:
        """JSON-able form."""
        return {
            "name": self.name,
            "findings": [
                {"about": one.about, "level": one.level.value, "says": one.says, "fix": one.fix}
                for one in self.findings
            ],
        }


def tally(groups: Sequence[Group]) -> Counter[Level]:
    """How many findings there are of each level."""
    return Counter(finding.level for group in groups for finding in group.findings)


@dataclass
class Look:
    """One thing to look at: `look` tells what it finds, one after another; `hang_up`, from another
    thread, ends whatever it waits for.
    """

    name: str
    look: Callable[[Tell], None]
    hang_up: Callable[[], None] = lambda: None
    _found: list[Finding] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, finding: Finding) -> None:
        """Notes a finding."""
        with self._lock:
            self._found.append(finding)

    def group(self) -> Group:
        """What was found until now."""
        with self._lock:
            return Group(self.name, tuple(self._found))


def side_by_side(
    looks: Sequence[Look], seconds: float, ended: Callable[[str], None] = lambda _: None
) -> list[Group]:
    """What each look found, in their order. All run at once; one that has not ended after
    `seconds` (and a little more, to say so itself) is left behind and named. `ended` is told of
    each that has.
    """
    threads = [
        (look, threading.Thread(target=_run, args=(look, ended), name=look.name, daemon=True))
        for look in looks
    ]
    deadline = time.monotonic() + seconds + GRACE_SECONDS
    for _, thread in threads:
        thread.start()
    groups: list[Group] = []
    for look, thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        groups.append(look.group())
        if thread.is_alive():
            look.hang_up()
            groups[-1] = Group(look.name, (*groups[-1].findings, hung(seconds)))
    return groups


def hung(seconds: float) -> Finding:
    """What is said of a look that did not come to its end."""
    return Finding.problem(
        "time",
        f"it hangs: not everything was looked at within {seconds:g} s",
        "look at what it was at after what stands above; a longer --timeout gives it more time",
    )


def _run(look: Look, ended: Callable[[str], None]) -> None:
    try:
        look.look(look.tell)
    except Exception as error:  # noqa: BLE001  whatever one look meets, the others go on
        look.tell(
            Finding.problem(
                "syncd",
                f"the look at it failed: {type(error).__name__}",
                "report this as an error of syncd, with what stands above",
            )
        )
    finally:
        ended(look.name)


def document(groups: Sequence[Group]) -> Mapping[str, Any]:
    """All of it, JSON-able: the gravest level, how many there are of each, and the groups."""
    count = tally(groups)
    return {
        "level": next((level.value for level in reversed(Level) if count[level]), Level.OK.value),
        "counts": {level.value: count[level] for level in Level},
        "groups": [group.document() for group in groups],
    }
