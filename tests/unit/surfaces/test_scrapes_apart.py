"""Metrics as another process says them: what is told meanwhile, and when that holds no longer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest
import structlog
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from syncd import instruments
from syncd.clock import Clock
from syncd.instruments import Sampled
from syncd.nursery import NurseryEnded
from syncd.store.trouble import Trouble
from syncd.surfaces.metrics import Rendering, Told, reader_of
from syncd.surfaces.metrics import endpoint as endpoint_module
from syncd.surfaces.renderers import publishing
from syncd.surfaces.renderers.following import Following, Stands
from syncd.surfaces.renderers.heard import Heard
from syncd.surfaces.renderers.pool import RendererLost
from syncd.surfaces.renderers.publication import Away, Publication
from syncd.surfaces.renderers.publishing import publish_with
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import Site
from tests.waiting import until

TEXT = "text/plain"
OPEN = "application/openmetrics-text"


def form_of(accept: str) -> str:
    return choose_encoder(accept)[1]


@dataclass
class Renderers:
    """Threads that do what a renderer of metrics does, `most` of them."""

    work: Callable[[Connection], None]
    most: int = 99
    begun: list[Connection] = field(default_factory=list)

    def begin(self) -> Connection:
        if len(self.begun) == self.most:
            raise NurseryEnded
        ours, theirs = Pipe()
        self.begun.append(theirs)
        threading.Thread(target=self._until_it_ends, args=(theirs,), daemon=True).start()
        return ours

    def _until_it_ends(self, theirs: Connection) -> None:
        try:
            self.work(theirs)
        except (EOFError, OSError):
            pass
        finally:
            theirs.close()


def says(*publications: Publication) -> Callable[[Connection], None]:
    """One that says this and nothing more, until it is let go of."""

    def work(connection: Connection) -> None:
        connection.recv_bytes()
        for one in publications:
            one.send(connection)
        while True:
            connection.recv_bytes()

    return work


def ends(connection: Connection) -> None:
    """One that ends before it has said anything."""
    connection.recv_bytes()


@pytest.fixture
def followed() -> Iterator[Callable[[Renderers], Following]]:
    every: list[Following] = []

    def follow(renderers: Renderers) -> Following:
        every.append(Following(renderers.begin))
        return every[-1]

    yield follow
    for one in every:
        one.close()


Follow = Callable[[Renderers], Following]


def ask(following: Following, accept: str = TEXT) -> Stands | None:
    return following.ask(accept, form_of(accept), Heard(START))


@pytest.fixture
def stands(told: Site) -> Told:
    with told.store.read() as connection:
        return Rendering("1").render(connection, told.clock.now())


def telling(read: Callable[[], Told]) -> Renderers:
    return Renderers(lambda connection: publish_with(connection, lambda _: read))


def test_who_scrapes_waits_for_no_look_at_the_store(
    stands: Told, followed: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_module, "LOOK_SECONDS", 0.01)
    looking, over = threading.Event(), threading.Event()
    looks: list[int] = []

    def read() -> Told:
        if looks:
            looking.set()
            over.wait(30)
        looks.append(1)
        return stands

    following = followed(telling(read))
    first = ask(following)
    assert looking.wait(10)

    again = following.now(form_of(TEXT))

    assert len(looks) == 1
    assert first is not None
    assert again == first
    assert first.form is not None
    over.set()


def test_what_stands_still_is_handed_on_once_and_what_moves_each_time(
    told: Site, followed: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_module, "LOOK_SECONDS", 0.01)
    heard: list[Clock] = []

    def reading(clock: Clock) -> Callable[[], Told]:
        heard.append(clock)
        return reader_of(told.store, clock, version="1")

    following = followed(Renderers(lambda connection: publish_with(connection, reading)))
    first = ask(following)
    assert first is not None

    def moved() -> Stands | None:
        now = following.now(form_of(TEXT))
        return now if now is not None and now.moving != first.moving else None

    then = until(moved)

    assert then is not None
    assert then.form is first.form
    # it goes by the clock of who asks
    assert START <= heard[0].now() < START + timedelta(minutes=1)


def test_each_form_is_told_that_anybody_asked_for(stands: Told, followed: Follow) -> None:
    following = followed(telling(lambda: stands))
    first = ask(following)

    assert following.now(form_of(OPEN)) is None
    other = ask(following, OPEN)

    assert first is not None
    assert other is not None
    assert first.form is not None
    assert other.form is not None
    assert first.form.checksum != other.form.checksum
    still = following.now(form_of(TEXT))
    assert still is not None
    assert still.form is first.form


def test_a_store_that_does_not_answer_is_told_of_in_each_form_until_it_does(
    stands: Told, followed: Follow
) -> None:
    full = Publication(9.0, away=Away(Trouble.DISK_FULL))
    at_all = publishing.Publisher(lambda: stands)
    at_all.want(TEXT)
    at_all.look()
    good = at_all.said(9.0)
    gate = threading.Event()

    def work(connection: Connection) -> None:
        connection.recv_bytes()
        good.send(connection)
        connection.recv_bytes()
        full.send(connection)
        gate.wait(30)
        good.send(connection)
        while True:
            connection.recv_bytes()

    following = followed(Renderers(work))
    assert ask(following) is not None

    away = until(lambda: (now := following.now(form_of(OPEN))) and now.away)
    assert away == Away(Trouble.DISK_FULL)
    now = following.now(form_of(TEXT))
    assert now is not None
    assert now.form is None
    gate.set()
    until(lambda: (now := following.now(form_of(TEXT))) and now.form)


def test_what_was_said_holds_for_as_long_as_it_said(stands: Told, followed: Follow) -> None:
    publisher = publishing.Publisher(lambda: stands)
    publisher.want(TEXT)
    publisher.look()
    said = publisher.said(0.0)
    short = Publication(0.2, said.moving, said.still)
    following = followed(Renderers(says(short)))

    found = ask(following)

    assert found is not None
    until(lambda: following.now(form_of(TEXT)) is None)
    assert said.seconds == publishing.PATIENCE_SECONDS


def test_one_that_ends_is_followed_by_another_and_its_words_hold_meanwhile(
    stands: Told, followed: Follow
) -> None:
    let = threading.Event()

    def work(connection: Connection) -> None:
        if len(renderers.begun) == 2:
            let.wait(30)
        publish_with(connection, lambda _: lambda: stands)

    renderers = Renderers(work)
    following = followed(renderers)
    first = ask(following)

    with structlog.testing.capture_logs() as lines:
        # as the system does where it is killed
        _shut(renderers.begun[0])
        until(lambda: len(renderers.begun) == 2)

        assert following.now(form_of(TEXT)) == first
        let.set()
        until(lambda: following.now(form_of(TEXT)) != first)
    assert [line["event"] for line in lines] == ["renderer.ended"]


def _shut(connection: Connection) -> None:
    with socket.socket(fileno=connection.fileno()) as same:
        same.shutdown(socket.SHUT_RDWR)
        same.detach()


def test_what_ends_two_is_told_as_lost_and_tried_again_when_somebody_asks(
    stands: Told, followed: Follow
) -> None:
    renderers = Renderers(ends)
    following = followed(renderers)

    with pytest.raises(RendererLost):
        ask(following)
    time.sleep(0.2)
    assert len(renderers.begun) == 2
    assert following.now(form_of(TEXT)) is None

    renderers.work = lambda connection: publish_with(connection, lambda _: lambda: stands)
    assert ask(following) is not None


def test_words_of_one_that_is_gone_hold_no_longer_where_the_next_one_ends_too(
    stands: Told, followed: Follow
) -> None:
    renderers = telling(lambda: stands)
    following = followed(renderers)
    assert ask(following) is not None

    renderers.work = ends
    _shut(renderers.begun[0])

    until(lambda: following.now(form_of(TEXT)) is None)
    assert len(renderers.begun) == 2


def test_who_can_have_none_any_more_is_told_once(followed: Follow) -> None:
    with structlog.testing.capture_logs() as lines:
        following = followed(Renderers(ends, most=0))

        assert [ask(following), ask(following)] == [None, None]

    assert [line["event"] for line in lines] == ["renderer.none_left"]


def test_what_is_slow_to_find_is_found_each_second_meanwhile(
    stands: Told, followed: Follow
) -> None:
    beats: list[float] = []
    following = followed(telling(lambda: stands))
    following.beat = lambda: beats.append(time.monotonic())

    ask(following)

    until(lambda: len(beats) > 3)


def test_a_fault_while_rendering_is_told_as_one(followed: Follow) -> None:
    def read() -> Told:
        raise ZeroDivisionError

    following = followed(telling(read))

    assert ask(following) == following.now(form_of(TEXT))
    found = following.now(form_of(TEXT))
    assert found is not None
    assert (found.form, found.away) == (None, None)


def test_what_is_slow_to_find_is_found_anew_where_it_is_old_or_somebody_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Collector):
        count = 0

        def collect(self) -> Iterator[Metric]:
            self.count += 1
            yield Metric(f"found_{self.count}", "Words.", "gauge")

    sampled = Sampled(Slow())

    def found() -> list[str]:
        return [one.name for one in sampled.collect()]

    assert [found(), found()] == [["found_1"], ["found_1"]]
    sampled.sample()
    assert found() == ["found_2"]
    monkeypatch.setattr(instruments, "SAMPLED_SECONDS", -1.0)
    assert found() == ["found_3"]
