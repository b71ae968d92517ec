"""Two hundred readers and a scraper, in a process of their own; what they met is told as JSON.

`python -m tests.load.readers URL READERS SECONDS KEY_RESULTS` begins at once and ends after so long.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.load.world import team_of

PAUSE_SECONDS = 5.0
"""Between two readings of one reader, on the average."""
SCRAPE_SECONDS = 1.0
TIMEOUT = httpx.Timeout(60.0)
STREAMS = 4
"""Of so many readers one follows the stream; every second of those takes it slowly."""
SLOW_SECONDS = 20.0

READ: dict[str, Callable[[random.Random, int], str]] = {
    "company page": lambda rng, most: f"/?team={team_of(rng.randrange(most), most)}",
    "page of everything": lambda _rng, _: "/",
    "key result": lambda rng, most: f"/kr/kr{rng.randrange(most)}",
    "sources": lambda _rng, _: "/sources",
    "feed page": lambda _rng, _: "/feed",
    "feed.json": lambda _rng, _: "/feed.json",
    "API: krs": lambda rng, most: f"/api/v1/krs?team={team_of(rng.randrange(most), most)}",
    "API: a kr": lambda rng, most: f"/api/v1/krs/kr{rng.randrange(most)}",
    "API: events": lambda _rng, _: "/api/v1/events?after=0&limit=100",
}
OFTEN = {"key result": 5, "company page": 4, "API: a kr": 3, "API: krs": 2, "feed.json": 2}


@dataclass
class Met:
    """What readers met of one surface: seconds of good answers, statuses, and bytes on the wire."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    bytes: int = 0


@dataclass
class Told:
    """What all met."""

    surfaces: dict[str, Met] = field(default_factory=lambda: defaultdict(Met))
    events: int = 0
    dropped: int = 0
    returned: int = 0
    lost: int = 0
    twice: int = 0


def address_of(number: int) -> str:
    """Where a reader comes from, as the proxy says it."""
    return f"198.18.{number // 250}.{number % 250 + 1}"


async def read(client: httpx.AsyncClient, number: int, until: float, most: int, told: Told) -> None:
    """One who looks at this and that, and knows what it has seen before (`ETag`)."""
    rng = random.Random(number)
    names = list(READ)
    weights = [OFTEN.get(name, 1) for name in names]
    tags: dict[str, str] = {}
    await asyncio.sleep(rng.uniform(0, PAUSE_SECONDS))
    while time.monotonic() < until:
        (name,) = rng.choices(names, weights)
        path = READ[name](rng, most)
        headers = {"X-Forwarded-For": address_of(number)}
        if path in tags:
            headers["If-None-Match"] = tags[path]
        wait = await ask(client, name, path, headers, tags, told)
        await asyncio.sleep(max(wait, rng.uniform(0, 2 * PAUSE_SECONDS)))


async def ask(
    client: httpx.AsyncClient,
    name: str,
    path: str,
    headers: dict[str, str],
    tags: dict[str, str],
    told: Told,
) -> float:
    """Asks once; for how many seconds the reader is asked to stay away."""
    met, began = told.surfaces[name], time.monotonic()
    try:
        answer = await client.get(path, headers=headers)
    except httpx.HTTPError as error:
        met.statuses[type(error).__name__] += 1
        return 0.0
    met.statuses[str(answer.status_code)] += 1
    met.bytes += answer.num_bytes_downloaded
    if answer.status_code in (200, 304):
        met.seconds.append(time.monotonic() - began)
    if "etag" in answer.headers:
        tags[path] = answer.headers["etag"]
    return float(answer.headers.get("retry-after", 0))


async def follow(client: httpx.AsyncClient, number: int, until: float, told: Told) -> None:
    """One who follows the stream from its beginning; half of them are slow. Counts what is lost and
    what comes twice, by the positions in the cursors.
    """
    slow = number // STREAMS % 2 == 0
    seen, last = 0, "0"
    while time.monotonic() < until:
        headers = {"X-Forwarded-For": address_of(number), "Last-Event-ID": last}
        wait = 1.0
        try:
            async with client.stream("GET", "/feed/stream", headers=headers) as answer:
                told.surfaces["stream"].statuses[str(answer.status_code)] += 1
                wait = float(answer.headers.get("retry-after", 0))
                if answer.status_code == 200 and seen:
                    told.returned += 1
                async for line in answer.aiter_lines():
                    if line.startswith("id: "):
                        last = line.removeprefix("id: ")
                        position = int(last.partition("-")[0])
                        seen = count(told, position, seen)
                        if slow and position % 200 == 0:
                            await asyncio.sleep(min(SLOW_SECONDS, max(until - time.monotonic(), 0)))
                    if time.monotonic() > until:
                        return
        except httpx.HTTPError as error:
            told.surfaces["stream"].statuses[type(error).__name__] += 1
            told.dropped += 1
        await asyncio.sleep(wait)


def count(told: Told, position: int, seen: int) -> int:
    """Counts an event at a position, where those up to `seen` came before; up to which they did."""
    told.events += 1
    told.twice += position <= seen
    told.lost += max(position - seen - 1, 0)
    return max(seen, position)


async def scrape(client: httpx.AsyncClient, until: float, told: Told) -> None:
    """Prometheus, in a hurry."""
    while time.monotonic() < until:
        began = time.monotonic()
        await ask(client, "scrape", "/metrics", {}, {}, told)
        await asyncio.sleep(max(0.0, SCRAPE_SECONDS - (time.monotonic() - began)))


async def probe(client: httpx.AsyncClient, until: float, told: Told) -> None:
    """A kubelet."""
    while time.monotonic() < until:
        for path in ("/livez", "/readyz"):
            await ask(client, path, path, {}, {}, told)
        await asyncio.sleep(1.0)


async def everybody(url: str, readers: int, seconds: float, most: int) -> Told:
    """All of them, until it is over."""
    told, until = Told(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT, limits=limits) as client:
        asking = [scrape(client, until, told), probe(client, until, told)]
        following = []
        for number in range(readers):
            if number % STREAMS == 0:
                following.append(asyncio.ensure_future(follow(client, number, until, told)))
            else:
                asking.append(read(client, number, until, most, told))
        # what was asked for is waited for, also where that takes long
        await asyncio.gather(*asking)
        for one in following:
            one.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    return told


def summary(told: Told) -> dict[str, Any]:
    """What was met, small enough to be told."""
    return {
        "surfaces": {
            name: {
                "answers": len(met.seconds),
                "statuses": dict(met.statuses),
                **{f"p{share}": quantile(met.seconds, share) for share in (50, 95, 99)},
                "bytes": met.bytes / max(len(met.seconds), 1),
            }
            for name, met in sorted(told.surfaces.items())
        },
        "events": told.events,
        "dropped": told.dropped,
        "returned": told.returned,
        "lost": told.lost,
        "twice": told.twice,
    }


def quantile(seconds: list[float], share: int) -> float | None:
    """The duration that so many in a hundred do not exceed; None: there are none."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) * share // 100, len(ordered) - 1)] if ordered else None


def main(words: list[str]) -> None:
    """Reads, and prints what was met."""
    url, readers, seconds, most = words
    told = asyncio.run(everybody(url, int(readers), float(seconds), int(most)))
    sys.stdout.write(json.dumps(summary(told)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
