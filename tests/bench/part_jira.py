"""Part 3: Jira, durations from change logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from tests.bench.measuring import Json
from tests.bench.part import (
    REPEATS,
    Aim,
    Asked,
    Table,
    Told,
    at_least,
    at_most,
    figure,
    growth,
)
from tests.bench.spread import Figure
from tests.processes import serving

SIZES = (1_000, 3_000, 10_000, 100_000)
QUICK = (1_000, 3_000)
REPEATED_TO = 10_000
"""Larger ones are taken once."""
CONTENDERS = {
    "syncd": "of_syncd",
    "jira package": "of_the_package",
    "JSON over httpx": "of_plain_json",
}
FLAVOURS = {"cloud": "Cloud", "datacenter": "Data Center"}
METHOD = (
    "The sandbox Jira of this repository, in a process of its own: its first thousand issues, and \
copies of them under ids of their own. Each issue has three entries in its change log; the measure \
is `jira.duration` from `created` to the status Done, within 48 h.",
    "Every reader has a process of its own, and reads and judges everything: the connector's scan, \
without the store; `search_issues` of the `jira` package with the change log expanded; and httpx \
with orjson, only the fields that are needed, page by page by id (Data Center) or by token with \
change logs in bulk (Cloud). All three must find the same numbers, or the part fails.",
    "They take turns, so that a machine that is slower for a while is so for each of them. 10,000 \
issues are read three times, 100,000 once; the aims are told of both.",
    "The connector runs as `syncd run` does, which looks for circles of references rarely and gives \
memory back; the other two as a script does.",
    "Seconds have the sandbox's own time in them; seconds of processor are the reader's alone.",
)


def measure(asked: Asked) -> Told:
    """Reads with each, at each size, from both kinds."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(len(sizes) * len(FLAVOURS))
    found: dict[str, dict[str, list[Figure]]] = {
        flavour: {name: [] for name in CONTENDERS} for flavour in FLAVOURS
    }
    rows: dict[str, list[Sequence[Figure | str]]] = {flavour: [] for flavour in FLAVOURS}
    for size, flavour in product(sizes, FLAVOURS):  # the largest last, which take most of the time
        with serving("tests.bench.jira_world", str(size), flavour) as served:
            each = _each(asked, served["url"], flavour, size)
        for name, taken in each.items():
            cpu = figure(taken, "cpu_s", "s")
            found[flavour][name].append(cpu)
            thousand = Figure([one / size * 1000 for one in cpu.values], "s")
            memory = figure(taken, "peak_bytes", "B")
            times = [figure(taken, "s", "s"), cpu, thousand, memory]
            rows[flavour].append([f"{size:,}", name, *times, str(taken[0].get("requests", ""))])
    tables, aims = [], []
    large = [size for size in sizes if size >= REPEATED_TO] or sizes[-1:]
    for flavour, words in FLAVOURS.items():
        columns = ["issues", "reader", "seconds", "processor", "a thousand issues", "memory"]
        tables.append(Table(f"Jira {words}", [*columns, "requests"], rows[flavour]))
        powers = [growth(sizes, one) for one in found[flavour].values()]
        title = f"Jira {words}: exponent of the seconds of processor"
        tables.append(Table(title, list(CONTENDERS), [powers]))
        for size in large:
            place = sizes.index(size)
            cpu_of = {name: one[place].median for name, one in found[flavour].items()}
            aims += _aims(f"{words}, {size:,} issues", cpu_of)
    return Told(METHOD, tables, aims)


def _each(
    asked: Asked, url: str, flavour: str, size: int
) -> Mapping[str, list[Mapping[str, Json]]]:
    def turn() -> Mapping[str, Mapping[str, Json]]:
        return {
            name: asked.child(f"tests.bench.jira_contenders:{function}", url=url, flavour=flavour)
            for name, function in CONTENDERS.items()
        }

    with asked.step(f"{flavour}, {size:,} issues"):
        turns = asked.several(turn, most=REPEATS if size <= REPEATED_TO else 1)
    taken = {name: [one[name] for one in turns] for name in CONTENDERS}
    answers = {(one["passed"], one["failed"]) for each in taken.values() for one in each}
    if len(answers) != 1:
        raise AssertionError(f"the readers do not agree: {taken}")
    return taken


def _aims(words: str, cpu: Mapping[str, float]) -> list[Aim]:
    ours = cpu["syncd"]
    return [
        at_least(
            f"{words}: at least 3 times less processor than the jira package",
            cpu["jira package"] / ours,
            3.0,
        ),
        at_most(
            f"{words}: within 1.2 of plain JSON, in processor", ours / cpu["JSON over httpx"], 1.2
        ),
    ]
