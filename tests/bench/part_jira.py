"""Part 3: Jira, durations from change logs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

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
    "The connector runs as `syncd run` does, which looks for circles of references rarely and gives \
memory back; the other two as a script does.",
    "Seconds have the sandbox's own time in them; seconds of processor are the reader's alone.",
)


def measure(asked: Asked) -> Told:
    """Reads with each, at each size, from both kinds."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(len(sizes) * len(FLAVOURS) * len(CONTENDERS))
    tables, aims = [], []
    for flavour, words in FLAVOURS.items():
        found: dict[str, list[Figure]] = {name: [] for name in CONTENDERS}
        rows: list[list[Figure | str]] = []
        for size in sizes:
            with serving("tests.bench.jira_world", str(size), flavour) as served:
                for name, taken in _each(asked, served["url"], flavour, size).items():
                    cpu = figure(taken, "cpu_s", "s")
                    found[name].append(cpu)
                    thousand = Figure([one / size * 1000 for one in cpu.values], "s")
                    rows.append(
                        [
                            f"{size:,}",
                            name,
                            figure(taken, "s", "s"),
                            cpu,
                            thousand,
                            figure(taken, "peak_bytes", "B"),
                            str(taken[0].get("requests", "")),
                        ]
                    )
        columns = ["issues", "reader", "seconds", "processor", "a thousand issues", "memory"]
        tables.append(Table(f"Jira {words}", [*columns, "requests"], rows))
        tables.append(
            Table(
                f"Jira {words}: exponent of the seconds of processor",
                list(found),
                [[growth(sizes, each) for each in found.values()]],
            )
        )
        aims += _aims(words, {name: each[-1].median for name, each in found.items()})
    return Told(METHOD, tables, aims)


def _each(
    asked: Asked, url: str, flavour: str, size: int
) -> Mapping[str, list[Mapping[str, Json]]]:
    taken: dict[str, list[Mapping[str, Json]]] = {name: [] for name in CONTENDERS}
    for name, function in CONTENDERS.items():
        with asked.step(f"{flavour}, {size:,} issues, {name}"):
            what = f"tests.bench.jira_contenders:{function}"
            taken[name] = asked.several(
                partial(asked.child, what, url=url, flavour=flavour),
                most=REPEATS if size <= REPEATED_TO else 1,
            )
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
