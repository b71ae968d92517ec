"""Pages, feed and API are made by a process beside the worker, which may end at any time."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.crashes.installation import Installation, Running, told
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("crashes")

PAGES = ("/", "/kr/now-o1-kr1", "/feed", "/sources", "/hygiene", "/dependencies")
PROGRAMS = ("/feed.json", "/feed.atom", "/api/v1/krs", "/api/v1/openapi.json")
REFUSED = {
    "/?offset=x": 400,
    "/api/v1/krs?status=odd": 400,
    "/kr/none": 404,
    "/nothing/here": 404,
    "/api/v1/krs/none": 404,
}


def children(pid: int) -> list[int]:
    """The processes that one has forked and that are there still."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found]


def samples(running: Running, name: str) -> list[str]:
    """What a metric says now, with its labels."""
    lines = running.get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith(f"{name}{{")]


def values(running: Running) -> list[str]:
    """What metrics say of the key results now: that is read from the store."""
    return samples(running, "syncd_kr_value")


def runs(running: Running) -> list[str]:
    """What the process that serves and works says of itself."""
    return samples(running, "syncd_runs_total")


def nursery_of(running: Running) -> int:
    (found,) = children(running.pid)
    return found


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as found:
        yield found


@pytest.fixture
def running(installation: Installation) -> Running:
    found = installation.begin()
    found.until(found.ready, "it is ready")
    found.until(lambda: len(told(found)) == len(installation.truth()), "everything is known")
    return found


def test_what_is_read_is_made_beside_the_worker_and_is_what_the_worker_would_say(
    installation: Installation, running: Running
) -> None:
    installation.come_to_rest(running)
    assert len(who_scrapes_come_from(running)) == 3, "for pages, for metrics, and one that sends"
    paths = [*PAGES, *PROGRAMS, *REFUSED]
    beside = {path: running.get(path) for path in paths}
    assert running.end() == 0

    installation.more["SYNCD_RENDERERS"] = "0"
    running = installation.begin()
    running.until(running.ready, "it is ready")
    itself = {path: running.get(path) for path in paths}

    assert children(running.pid) == []
    assert running.end() == 0
    for path in paths:
        assert beside[path].status_code == itself[path].status_code == REFUSED.get(path, 200), path
        assert set(beside[path].headers) == set(itself[path].headers), path
        for name in ("content-type", "content-encoding", "content-security-policy"):
            assert beside[path].headers.get(name) == itself[path].headers.get(name), (path, name)
    for path in (*REFUSED, "/api/v1/openapi.json"):
        assert beside[path].text == itself[path].text


def test_metrics_of_the_store_and_of_the_process_go_on_together(running: Running) -> None:
    first, ran = values(running), runs(running)

    running.until(lambda: values(running) != first, "the store's")
    running.until(lambda: runs(running) != ran, "the process's own")


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text"])
def test_metrics_come_whole_as_they_are_and_compressed(
    installation: Installation, running: Running, accept: str
) -> None:
    def both() -> tuple[httpx.Response, ...] | None:
        """As it is and compressed, of one moment: the worker goes on asking, and that is counted."""
        found = tuple(
            httpx.get(
                f"{running.address}/metrics",
                headers={"Accept": accept, "Accept-Encoding": encoding},
            )
            for encoding in ("identity", "gzip")
        )
        return found if len({tuple(still(one.text)) for one in found}) == 1 else None

    installation.come_to_rest(running)

    plain, zipped = running.until(both, "both say the same")

    assert (plain.status_code, zipped.headers["content-encoding"]) == (200, "gzip")
    for one in (plain, zipped):
        assert one.headers.get_list("content-length") == [str(one.num_bytes_downloaded)]
        assert one.headers["content-type"].startswith(accept)
        assert "\nsyncd_runs_total{" in one.text
    assert len(still(plain.text)) > len(installation.truth())


def still(text: str) -> list[str]:
    """What metrics say that stands still while nothing happens."""
    return [line for line in text.splitlines() if line.startswith(("syncd_kr_", "syncd_source_"))]


def test_a_renderer_that_is_killed_is_followed_by_another_and_nobody_notices(
    running: Running,
) -> None:
    for path in PAGES:
        (renderer,) = children(nursery_of(running))
        os.kill(renderer, signal.SIGKILL)

        assert running.get(path).status_code == 200

        assert children(nursery_of(running)) != [renderer]
    assert len(running.lines("renderer.ended")) == len(PAGES)


def test_a_renderer_of_metrics_that_is_killed_is_followed_by_another_and_nobody_notices(
    running: Running,
) -> None:
    _, renderer, sender = who_scrapes_come_from(running)
    for ended in range(1, 4):
        first = values(running)
        os.kill(renderer, signal.SIGKILL)

        found = [running.get("/metrics") for _ in range(20)]

        assert [one.status_code for one in found] == [200] * 20
        for one in found:
            assert "\nsyncd_kr_status{" in one.text
            assert "\nsyncd_runs_total{" in one.text
        running.until(partial(others_than, running, first), "metrics go on")
        assert len(running.lines("renderer.ended")) == ended
        _, again, renderer = who_scrapes_come_from(running)
        assert again == sender


def test_one_that_sends_scrapes_is_killed_and_another_sends_the_next(running: Running) -> None:
    _, renderer, sender = who_scrapes_come_from(running)
    for ended in range(1, 4):
        os.kill(sender, signal.SIGKILL)
        running.until(partial(sender_ended, running, ended), "it is said")

        assert "\nsyncd_kr_status{" in running.get("/metrics").text

        _, same, sender = who_scrapes_come_from(running)
        assert same == renderer
    faults = [json.loads(line) for line in running.log if '"exception"' in line]
    assert faults == []


def others_than(running: Running, before: list[str]) -> bool:
    return values(running) != before


def sender_ended(running: Running, times: int) -> bool:
    return len(running.lines("sender.ended")) == times


def who_scrapes_come_from(running: Running) -> list[int]:
    """Who makes pages, who makes metrics, and who sends them; after them who was begun later."""
    running.until(
        lambda: running.get("/metrics").is_success and len(children(nursery_of(running))) == 3,
        "all are there",
    )
    return children(nursery_of(running))


def test_where_each_renderer_ends_it_is_said_and_the_worker_goes_on(running: Running) -> None:
    nursery = nursery_of(running)
    over = threading.Event()

    def kill_all() -> None:
        while not over.is_set():
            for one in children(nursery):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        page, api, metrics = (running.get(path) for path in ("/", "/api/v1/krs", "/metrics"))
    finally:
        over.set()
        killer.join()

    for answer in (page, api, metrics):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
    assert "This answer could not be made" in page.text
    assert "the process that makes answers ended" in api.json()["detail"]
    assert running.get("/readyz").is_success
    assert running.get("/").status_code == 200
    assert "syncd_runs_total" in running.get("/metrics").text


def test_who_has_no_renderers_left_answers_by_itself_and_says_so_once(
    installation: Installation, running: Running
) -> None:
    assert running.get("/metrics").is_success
    nursery = nursery_of(running)
    every = children(nursery)
    for one in (nursery, *every):
        os.kill(one, signal.SIGKILL)

    answers = [running.get(path).status_code for path in (*PAGES, "/metrics")]

    assert answers == [200] * len(answers)
    assert len(running.lines("renderer.none_left")) == 2, "of pages, and of metrics"
    first = values(running)
    assert len(first) == len(installation.truth())
    running.until(lambda: values(running) != first, "metrics go on")
    assert len(running.lines("renderer.none_left")) == 2


def test_nothing_is_left_of_a_process_that_is_killed(running: Running) -> None:
    every = [nursery_of(running), *who_scrapes_come_from(running)]
    assert len(every) == 4

    running.end(signal.SIGKILL)

    # its log is at its end only when all have ended who could write to it, or just do
    until(lambda: all(state_of(one) in ("", "Z") for one in every), seconds=10)


def state_of(pid: int) -> str:
    """As the system calls it; nothing where the process is gone."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return said.rpartition(")")[2].split()[0]
