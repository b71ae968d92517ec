"""Parts 1 and 2: a real NetBox, read the first time and ever after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from syncd.clock import ManualClock
from syncd.store.read import indicator_views
from tests.bench.bench_world import World, spread_over, world
from tests.bench.counted import Exchanges
from tests.bench.measuring import Json, watched
from tests.bench.netbox_contenders import indicators, session
from tests.bench.netbox_world import forget_above, load, multiply
from tests.bench.part import (
    REPEATS,
    Aim,
    Asked,
    Cell,
    Table,
    Told,
    at_least,
    at_most,
    figure,
    growth,
)
from tests.bench.spread import Figure
from tests.peers.netbox import NetBox
from tests.peers.postgres import Postgres
from tests.waiting import until

SIZES = (1_000, 5_000, 15_000, 50_000)
"""Each is a multiple of the first."""
QUICK = (300, 900)
DEAR = "pynetbox"
REPEATED_TO = 5_000
"""What is dear; what is not is repeated at every size."""
STEADY_AT = (5_000, QUICK[-1])
"""Steady cycles are measured once there are so many devices."""
DELETED = 5
WALK = "JSON over httpx"
GRAPHQL = "GraphQL over httpx"
PLAIN = (WALK, GRAPHQL)
CONTENDERS = {
    "syncd": "of_syncd",
    WALK: "of_plain_json",
    GRAPHQL: "of_graphql",
    DEAR: "of_pynetbox",
}
RESERVED_SECONDS = 60.0
"""For the steady cycles."""
METHOD = (
    "A real NetBox (PyPI), with gunicorn and two workers on PostgreSQL, as the tests start it: the \
first devices are loaded by its own models, with their rows in the change log, the others are copies \
of these rows. It has as many devices as the row says.",
    "First sync: completeness (serial, asset tag, rack) and latency (delivered to known within 24 h, \
for which the change log is read), every reader in a process of its own: the connector's scan without \
the store; `pynetbox`, all devices and all creations in the log, 1,000 a page; and httpx with orjson, \
two walks by `start=` at once over disjoint ranges of ids, only the fields that are needed; and the \
devices by GraphQL in ranges of a thousand ids, which is its silent limit, two at once. All must \
find the same numbers, or the part fails. Seconds have NetBox's own time in them, which is most.",
    "A connection stays with the worker of gunicorn that took it: where both of a plain client's are \
with one of the two, it takes up to twice as long. The connector parts with its connections now and \
then, and runs as `syncd run` does, which looks for circles of references rarely.",
    "pynetbox is left out at a size at which it would not have the time.",
    "Steady: the real worker on SQLite; between two cycles serials of devices are changed, and some \
devices deleted, over NetBox's own API. The reading must equal that of a full read each time, or the \
part fails. The share is that of the bytes of the first cycle, which read everything.",
)


def measure(asked: Asked) -> Told:
    """Both on one NetBox, which grows."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(len(sizes) * (1 + len(CONTENDERS)) + 1)
    rows: list[Sequence[Cell]] = []
    found: dict[str, dict[int, Mapping[str, Figure]]] = {name: {} for name in CONTENDERS}
    steady: list[Table] = []
    more: list[Aim] = []
    with Postgres() as postgres, NetBox(postgres) as netbox:
        version = str(netbox.get("status/")["netbox-version"])
        there = 0
        for size in sizes:
            with asked.step(f"{size:,} devices are made"):
                if not there:
                    load(netbox, size)
                multiply(postgres, sizes[0], range(max(1, there // sizes[0]), size // sizes[0]))
                there = size
            rows += _readers(asked, netbox, size, found)
            if size in STEADY_AT:
                with asked.step("steady cycles"):
                    table, more = _steady(asked, netbox, size)
                    forget_above(postgres, size)
                    steady = [table]
    columns = ["devices", "reader", "seconds", "processor", "memory", "devices a second"]
    exponents = [
        [
            name,
            *(
                growth(list(each), [one[key] for one in each.values()])
                for key in ("s", "cpu_s", "peak_bytes")
            ),
        ]
        for name, each in found.items()
    ]
    tables = [
        Table("First sync", [*columns, "requests", "bytes"], rows),
        Table("First sync: exponents", ["reader", "seconds", "processor", "memory"], exponents),
    ]
    return Told(METHOD, [*tables, *steady], [*_aims(found), *more], {"NetBox": version})


# -------------------------------------------------------------------------------- the first sync


def _readers(
    asked: Asked, netbox: NetBox, size: int, found: dict[str, dict[int, Mapping[str, Figure]]]
) -> list[Sequence[Cell]]:
    """Each of them at one size. AssertionError when they do not find the same."""
    rows: list[Sequence[Cell]] = []
    answers = set()
    for name, function in CONTENDERS.items():
        with asked.step(f"{size:,} devices, {name}"):
            if _too_long(asked, found[name], size):
                rows.append([f"{size:,}", name, "no time for it", "", "", "", "", ""])
                continue
            what = f"tests.bench.netbox_contenders:{function}"
            taken = asked.several(
                partial(asked.child, what, url=netbox.url, token=netbox.token),
                REPEATS if size <= REPEATED_TO or name != DEAR else 1,
            )
        answers |= {tuple(one["passed"]) for one in taken}
        figures = {key: figure(taken, key, "s") for key in ("s", "cpu_s")}
        figures["peak_bytes"] = figure(taken, "peak_bytes", "B")
        found[name][size] = figures
        share = Figure([size / one for one in figures["s"].values], "")
        counts = [f"{taken[0][one]:,}" for one in ("requests", "bytes")]
        rows.append([f"{size:,}", name, *figures.values(), share, *counts])
    if len(answers) > 1:
        raise AssertionError(f"the readers of {size} devices do not agree: {answers}")
    return rows


def _too_long(asked: Asked, before: Mapping[int, Mapping[str, Figure]], size: int) -> bool:
    """Whether what a smaller size took says that there is no time for this one."""
    if not before:
        return False
    last = max(before)
    expected = before[last]["s"].median * size / last
    return expected * 1.3 > asked.seconds_left - RESERVED_SECONDS


def _aims(found: Mapping[str, Mapping[int, Mapping[str, Figure]]]) -> list[Aim]:
    aims: list[Aim] = []
    for others, words, least in (
        ([DEAR], "at least 4 times faster than pynetbox", True),
        (PLAIN, "within 1.2 of the best plain client", False),
    ):
        read = [found[name].keys() for name in others if found[name]]
        both = found["syncd"].keys() & set().union(*read)
        size = max(both, default=0)
        if not size:
            aims.append(Aim(words, "", None))
            continue
        ours = found["syncd"][size]["s"].median
        theirs = min(found[name][size]["s"].median for name in others if size in found[name])
        at = f"{size:,} devices: {words}"
        aims.append(at_least(at, theirs / ours, 4.0) if least else at_most(at, ours / theirs, 1.2))
    memory = {size: one["peak_bytes"] for size, one in found["syncd"].items()}
    power = growth(list(memory), list(memory.values()))
    aims.append(
        Aim("memory flat in the number of objects", f"exponent {power}", float(power) < 0.1)
    )
    return aims


# -------------------------------------------------------------------------------- steady cycles


def _steady(asked: Asked, netbox: NetBox, size: int) -> tuple[Table, list[Aim]]:
    seen = Exchanges()
    wanted = spread_over(indicators(), 2)
    clock = ManualClock(datetime.now(UTC))
    rows: list[Sequence[Cell]] = []
    shares: dict[str, float] = {}
    asked_when_still = 0.0
    extra = _devices(netbox, DELETED)
    with world(wanted, {"netbox": session(netbox.url, netbox.token, seen)}, clock) as made:
        full = _cycle(made, seen)
        rows.append(_row("all (the first)", full, full))
        for words, changed in (
            ("none", 0),
            ("10", 10),
            ("100", 100),
            ("1 %", size // 100),
            ("10 %", size // 10),
        ):
            if asked.seconds_left < RESERVED_SECONDS / 4:
                rows.append([words, "no time for it", "", "", "", "", ""])
                continue
            _change(netbox, changed, len(rows))
            cost = _cycle(made, seen)
            rows.append(_row(words, cost, full))
            shares[words] = cost["bytes"] / full["bytes"]
            if words == "none":
                asked_when_still = cost["requests"]
        for number in extra:
            netbox.delete(f"dcim/devices/{number}/")
        rows.append(_row(f"{DELETED} deleted", _cycle(made, seen), full))
        told = _told(made)
    with world(
        wanted, {"netbox": session(netbox.url, netbox.token)}, ManualClock(datetime.now(UTC))
    ) as fresh:
        fresh.now()
        if (anew := _told(fresh)) != told:
            raise AssertionError(f"followed: {told}, read in full: {anew}")
    columns = [
        "changed",
        "seconds",
        "processor",
        "requests",
        "bytes",
        "of the bytes",
        "seconds of all",
    ]
    share = shares.get("1 %")
    aims = [
        Aim(
            "1 % changed costs at most 3 % of a full read, in bytes",
            "" if share is None else f"{share:.1%}",
            None if share is None else share <= 0.03,
        ),
        Aim(
            "nothing changed costs a few requests",
            f"{asked_when_still:.0f} for two measures of one scope",
            asked_when_still <= 10,
        ),
        Aim("the reading equals a full read's", "equal, or the part had failed", True),
    ]
    return Table(f"Steady cycles over {size:,} devices", columns, rows), aims


def _cycle(made: World, seen: Exchanges) -> dict[str, float]:
    # NetBox has the time of day: the worker's must be no other
    requests, received = seen.requests, seen.bytes
    until(lambda: datetime.now(UTC) > made.clock.now(), "the day went on", seconds=600, every=0.1)
    with watched() as spent:
        made.due_at(datetime.now(UTC))
    return {
        "s": spent.seconds,
        "cpu_s": spent.cpu_seconds,
        "requests": seen.requests - requests,
        "bytes": seen.bytes - received,
    }


def _row(words: str, cost: Mapping[str, float], full: Mapping[str, float]) -> list[Cell]:
    return [
        words,
        Figure([cost["s"]], "s"),
        Figure([cost["cpu_s"]], "s"),
        f"{cost['requests']:.0f}",
        Figure([cost["bytes"]], "B"),
        f"{cost['bytes'] / full['bytes']:.1%}",
        f"{cost['s'] / full['s']:.1%}",
    ]


def _change(netbox: NetBox, count: int, turn: int) -> None:
    body = [{"id": number, "serial": f"T{turn}-{number}"} for number in range(1, count + 1)]
    for start in range(0, count, 100):
        netbox.patch("dcim/devices/", body[start : start + 100])


def _devices(netbox: NetBox, count: int) -> list[int]:
    """New ones, to be deleted again."""
    alike = {"site": 1, "role": 1, "device_type": 1}
    body = [{"name": f"extra-{number}", **alike} for number in range(count)]
    return [int(one["id"]) for one in netbox.post("dcim/devices/", body)]


def _told(made: World) -> Json:
    """What both measures read: of how many how many."""
    with made.store.read() as connection:
        views = indicator_views(connection)
    return {
        view.name: None
        if view.reading is None
        else (view.reading.numerator, view.reading.denominator)
        for view in views
    }
