"""What breaks upstream, and when: a course that is drawn beforehand, so that a seed tells all of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.contract import faults
from tests.contract.faultserver import Fault, Reply, Request, Wire, json_reply
from tests.faults.front import Big
from tests.soak.moments import Moment
from tests.soak.organisation import SOURCES

_FAULTS: Mapping[str, Callable[[], Fault]] = {
    "reset at once": lambda: faults.reset_at_once,
    "hangs up": lambda: faults.hangs_up_at_once,
    "reset mid-body": lambda: faults.reset_mid_body,
    "truncated body": lambda: faults.truncated_body,
    "closes under the next": lambda: faults.resets_when_it_has_answered,
    "login page": lambda: faults.login_page,
    "redirect to login": lambda: faults.redirect_to_login,
    "HTML page": lambda: faults.html_page,
    "wrong content type": lambda: faults.wrong_content_type,
    "broken gzip": lambda: faults.broken_gzip,
    "broken JSON": lambda: faults.broken_json,
    "empty answer": lambda: faults.empty_answer,
    "200 MB": lambda: Big(announced=False),
    "another shape": lambda: faults.answers({"unexpected": []}),
    "401": lambda: faults.status(401),
    "403": lambda: faults.status(403),
    "404": lambda: faults.status(404),
    "409": lambda: faults.status(409),
    "429": lambda: faults.status(429, Retry_After="900"),
    "500": lambda: faults.status(500),
    "503": lambda: faults.html_status(503),
}
_SLOW: Mapping[str, Callable[[], Fault]] = {
    "never answers": lambda: faults.never_answers,
    "one byte at a time": lambda: faults.one_byte_at_a_time,
}
"""They end by patience alone, which is real time: rare."""


def _vector(*results: object, **more: object) -> Fault:
    return faults.answers(
        {"status": "success", "data": {"resultType": "vector", "result": list(results)}} | more
    )


_OWN: Mapping[str, Mapping[str, Callable[[], Fault]]] = {
    "prometheus": {
        "empty vector": _vector,
        "NaN": lambda: _vector({"metric": {}, "value": [1_770_000_000, "NaN"]}),
        "several series": lambda: _vector(
            *({"metric": {"n": n}, "value": [1_770_000_000, "1"]} for n in "ab")
        ),
        "timeout of the query": lambda: faults.status(
            503, {"status": "error", "errorType": "timeout", "error": "query timed out"}
        ),
    },
    "netbox": {"an empty page": lambda: _empty_page},
    "jira": {"nobody's answer": lambda: _of_nobody},
    "tracker": {"nobody's answer": lambda: _of_nobody},
}


def _empty_page(wire: Wire, request: Request, reply: Reply) -> None:
    """A list that says how many there are, and shows none."""
    wire.send(json_reply({"count": 25, "next": None, "previous": None, "results": []}))


def _of_nobody(wire: Wire, request: Request, reply: Reply) -> None:
    """What a dead token gets of Jira: searches find nothing, with 200, and /myself refuses."""
    if "/myself" in request.path:
        wire.send(json_reply({"message": "not signed in"}, 401))
    else:
        found = {"issues": [], "isLast": True, "total": 0, "startAt": 0, "count": 0}
        wire.send(json_reply(found))


@dataclass(frozen=True)
class Breaking:
    """One source at one moment: a fault, from which request of it on, and for how many."""

    source: str
    name: str
    fault: Fault
    first: int
    last: int | None


@dataclass(frozen=True)
class Weather:
    """All that is wrong upstream at a moment, short of what a world holds."""

    breaking: tuple[Breaking, ...] = ()
    index_lag: timedelta = timedelta(0)
    page_lengths: tuple[int, ...] = ()

    def __str__(self) -> str:
        broken = [
            f"{one.source}: {one.name} {one.first}..{one.last or ''}" for one in self.breaking
        ]
        return ", ".join([*broken, f"index late by {self.index_lag.total_seconds():g} s"])


def weather_of(
    seed: int, moments: Sequence[Moment], sources: Sequence[str] = SOURCES
) -> Sequence[Weather]:
    """The weather at each moment, the same for the same seed. A fault lasts some moments."""
    chance = random.Random(f"weather {seed}")
    found: list[Weather] = []
    lasting: dict[str, tuple[Breaking, int]] = {}
    for number, moment in enumerate(moments):
        if moment.quiet or number == 0:
            lasting.clear()
            found.append(Weather())
            continue
        lasting = {
            source: (breaking, left - 1) for source, (breaking, left) in lasting.items() if left > 1
        }
        if chance.random() < 0.45:
            source = chance.choice(sources)
            lasting[source] = (_broken(chance, source), chance.choice((1, 1, 2, 3, 6)))
        found.append(
            Weather(
                breaking=tuple(breaking for breaking, _ in lasting.values()),
                index_lag=timedelta(seconds=chance.choice((0, 0, 45, 120, 300))),
                page_lengths=chance.choice(((), (7,), (3, 0, 5))),
            )
        )
    return found


def _broken(chance: random.Random, source: str) -> Breaking:
    kinds = {**_FAULTS, **_OWN[source]}
    name = chance.choice(list(_SLOW)) if chance.random() < 0.04 else chance.choice(list(kinds))
    first = chance.choice((1, 1, 2, 3, 5, 8))
    last = chance.choice((None, None, first, first + 2))
    return Breaking(source, name, {**kinds, **_SLOW}[name](), first, last)
