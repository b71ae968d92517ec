"""No secret is told anywhere, whatever an upstream does with it.

A secret of its own is planted wherever an installation can have one. A real process meets every
fault of transport and every upstream that tells what it was sent, and whatever it says, serves,
sends, writes and leaves behind is searched for each of them, in each way of writing it.
"""

from __future__ import annotations

import contextlib
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.command import syncd
from tests.contract.faultserver import FaultServer, Reply
from tests.faults.doors import free_port, unanswered_url
from tests.faults.installation import KINDS, Meeting, Planting, upstreams
from tests.faults.planted import forms, leaks, planted
from tests.faults.telltale import ECHOES, HEAVY, NOTED, TRANSPORT, said
from tests.peers.postgres import Postgres, binary
from tests.waiting import until

SECONDS = 90.0
ROOT = Path(__file__).parents[2]


def meetings(whole: bool) -> Iterator[Meeting]:
    """Every fault with one kind of source in turn, and with all in the `whole` matrix."""
    each = [*TRANSPORT.items(), *ECHOES.items()]
    kinds = cycle(KINDS)
    met = product(KINDS, each) if whole else ((next(kinds), one) for one in each)
    number = 0
    for kind, (name, fault) in met:
        if whole or name not in HEAVY:
            yield Meeting(f"s{number}", kind, fault)
            number += 1
    for kind, (_, fault) in product(("basic", "bearer"), NOTED.items()):
        yield Meeting(f"noted-{kind}", kind, fault)


@dataclass
class Site:
    """What was told where, and what had been planted."""

    surfaces: dict[str, bytes]
    planting: Planting
    received: bytes
    met: list[Meeting]


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.long)])
def site(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Postgres,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("planted")
    planting = Planting(folder)
    met = list(meetings(request.param))
    with contextlib.ExitStack() as stack:
        for number, kind in enumerate(("refused", "no name", "no TLS")):
            url = stack.enter_context(unanswered_url(kind))
            met.append(Meeting(f"unanswered-{number}", KINDS[number], url=url))
        met.append(Meeting("proxied", "bearer", url="http://upstream.syncd-faults.invalid"))
        upstream = stack.enter_context(upstreams(met))
        collector = stack.enter_context(FaultServer(lambda _: Reply(content_type="")))
        target = stack.enter_context(FaultServer(lambda asked: Reply(500, said(asked).encode())))
        proxy = stack.enter_context(
            FaultServer(lambda asked: Reply(407, said(asked).encode(), "text/plain"))
        )
        authority = planting.certificate()
        planting.write(met, upstream.url, planting.others(collector.url, target.url, proxy.url))
        surfaces = _told_by_commands(planting)
        surfaces |= _told_by_a_process(planting, postgres, authority, len(met))
        surfaces["traces"] = b"".join(one.body for one in collector.requests)
        surfaces["letters"] = b"".join(one.body for one in target.requests)
        received = "".join(
            said(one) for server in (upstream, collector, target, proxy) for one in server.requests
        )
        yield Site(surfaces, planting, received.encode(), met)


def _told_by_commands(planting: Planting) -> dict[str, bytes]:
    """What the commands print, and the bytes of their SQLite store."""
    store = planting.folder / "store" / "syncd.db"
    environment = planting.of_the_process("few", f"sqlite:///{store}")
    told: dict[str, bytes] = {}
    for words in (
        ["once", "--json"],
        ["status", "--json"],
        ["explain", "ce-o1-s1"],
        ["explain", "ce-o1-noted-basic"],
        ["check", "--live"],
        ["doctor", "--json"],
        ["notify", "--test", "chat"],
        ["token", "create", "somebody"],
        ["explain", "no-such-key-result"],
    ):
        ended = syncd(*words, environment=environment, folder=planting.folder)
        told[f"syncd {' '.join(words)}"] = (ended.stdout + ended.stderr).encode()
        if words[:2] == ["token", "create"]:
            planting.secrets["made-token"] = ended.stdout.split()[-1]
            told.pop("syncd token create somebody")  # the one time that it is shown
    told["SQLite"] = b"".join(one.read_bytes() for one in store.parent.iterdir())
    return told


def _told_by_a_process(
    planting: Planting, postgres: Postgres, authority: Path, sources: int
) -> dict[str, bytes]:
    """What a process on PostgreSQL logs, serves and leaves behind when it is killed."""
    database = postgres.create_database()
    at = database.partition("@")[2]
    secret = planted("store-password")
    planting.secrets["store-password"] = secret
    port, log = free_port(), planting.folder / "log"
    environment = planting.of_the_process(
        "all",
        f"postgresql://syncd:{quote(secret, safe='')}@{at}",
        SYNCD_LISTEN=f"127.0.0.1:{port}",
        PYTHONFAULTHANDLER="1",
    )
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "syncd", "run"],
            stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=ROOT,
        )  # fmt: skip
    try:
        _wait(process, log, sources)
        told = dict(_served(f"https://127.0.0.1:{port}", authority))
        proc = Path(f"/proc/{process.pid}")
        told["/proc/PID/cmdline"] = (proc / "cmdline").read_bytes()
        told["ps"] = subprocess.run(
            ["ps", "-ww", "-o", "args", "-p", str(process.pid)], capture_output=True, check=True
        ).stdout
        told["limits"] = (proc / "limits").read_bytes()
        process.send_signal(signal.SIGABRT)
        process.wait(SECONDS)
    finally:
        process.kill()
        process.wait(SECONDS)
    told["log and crash dump"] = log.read_bytes()
    told["PostgreSQL"] = subprocess.run(
        [binary("pg_dump"), f"--dbname=postgresql://{at.join(['syncd@', ''])}"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    return told


def _wait(process: subprocess.Popen[bytes], log: Path, sources: int) -> None:
    """Until every source but those that only remark has failed, and was told of."""

    def goes_on() -> None:
        assert process.poll() is None, log.read_text()[-3000:]

    until(
        lambda: log.read_bytes().count(b'"source.failing"') >= sources - len(KINDS),
        lambda: log.read_text()[-3000:],
        seconds=SECONDS,
        meanwhile=goes_on,
    )


def _served(url: str, authority: Path) -> Iterator[tuple[str, bytes]]:
    """Every answer to a GET that there is, and what is said to those that are wrong."""
    trusted = ssl.create_default_context(cafile=authority)
    with httpx.Client(base_url=url, verify=trusted, timeout=30.0) as client:
        document = client.get("/api/v1/openapi.json").json()
        (base,) = {one["url"] for one in document.get("servers", [{"url": "/api/v1"}])}
        own = ["", "metrics", "feed.json", "feed.atom", "livez", "readyz", "sources", "feed"]
        own += ["kr/ce-o1-s0", "kr/ce-o1-noted-basic", "kr/none", "api/v1/none", "hygiene"]
        own += ["metrics?name[]=x", "feed.json?after=x", "api/v1/krs?at=x", "api/v1/events?limit=x"]
        paths = [f"/{path}" for path in own]
        for path, calls in document["paths"].items():
            if "get" in calls:
                paths += [
                    base + path.replace("{id}", named).replace("{name}", named)
                    for named in (("ce-o1-s0", "none") if "{" in path else ("",))
                ]
        for path in dict.fromkeys(paths):
            answer = client.get(path)
            yield f"GET {path}", answer.content + repr(answer.headers).encode()
        for path in ("/hooks/s0", "/hooks/none", "/api/v1/krs/ce-o1-s0/adjustments"):
            for header in ("Authorization", "X-Hub-Signature"):
                wrong = client.post(path, headers={header: "Bearer wrong"}, content=b"{")
                yield f"POST {path} {header}", wrong.content


def test_no_secret_is_told_anywhere(site: Site) -> None:
    assert leaks(site.surfaces, site.planting.secrets) == []


def test_what_was_searched_is_all_that_there_is_and_every_secret_was_in_use(site: Site) -> None:
    """That nothing was found would else say nothing."""
    told = site.surfaces
    assert all(told[name] for name in told if not name.startswith(("POST", "GET /livez")))
    assert told["log and crash dump"].count(b'"source.failing"') > 40
    assert b"Fatal Python error: Aborted" in told["log and crash dump"]
    assert b"s0" in told["PostgreSQL"]
    assert b"s1" in told["SQLite"]
    assert b"POST" in told["traces"]
    sent = {name for _, name, _ in leaks({"sent": site.received}, site.planting.secrets)}
    silent = {f"{one.name}-hook" for one in site.met}
    # nobody to send to, and by name to a proxy alone
    silent |= {"unanswered-0", "unanswered-2", "unanswered-0-header", "unanswered-2-header"}
    silent |= {"key-of-the-certificate", "api-token", "webhook", "chat", "made-token"}
    assert sent == set(site.planting.secrets) - silent - {"store-password"}


def test_a_crash_leaves_no_memory_behind(site: Site) -> None:
    (line,) = [one for one in site.surfaces["limits"].splitlines() if b"core file" in one]
    assert [int(word) for word in line.split() if word.isdigit()] == [1, 1]


@pytest.mark.parametrize("form", range(len(list(forms("x/y")))))
def test_the_search_finds_a_secret_in_each_way_of_writing_it(form: int) -> None:
    secret = planted("sought")
    written = list(forms(secret))[form]

    assert leaks({"log": f"a line with {written} in it".encode()}, {"sought": secret})
    assert leaks({"log": b"a line with something else"}, {"sought": secret}) == []
