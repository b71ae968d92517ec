"""Webhooks out, to a real receiver that verifies the signature and does not always answer."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from cloudevents.http import from_http

from syncd.clock import ManualClock
from syncd.model import Event, EventKind
from syncd.outgoing.courier import Courier, DeliveryOutcome, wait_after
from syncd.outgoing.destination import Chosen
from syncd.outgoing.webhooks import WebhookTarget
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.outbox import claim_letters, dead_letters, depths
from tests.unit.outgoing.receiver import SECRET, Receiver, receiver

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers refuse signatures of minutes ago, and this file may have been read long before."""
    monkeypatch.setattr(sys.modules[__name__], "NOW", datetime.now(UTC))


class Outcomes:
    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def delivered(self, target: str, outcome: DeliveryOutcome) -> None:
        self.seen[outcome.value] += 1


class Post:
    """A courier to one target, and the clock it goes by."""

    def __init__(self, store: Store, target: WebhookTarget) -> None:
        self.store = store
        self.clock = ManualClock(NOW)
        self.outcomes = Outcomes()
        self.target = target
        self.courier = Courier(store, self.clock, [target], self.outcomes)
        self.courier.register()

    def deliver(self) -> None:
        while self.courier.turn(self.target):
            pass

    def depth(self) -> tuple[int, int]:
        with self.store.read() as connection:
            depth = depths(connection)[self.target.name]
        return depth.waiting, depth.dead


def target(url: str, **more: Any) -> WebhookTarget:
    known = {"secret": SECRET, "chosen": Chosen(), "base": "https://okrs.example.org"}
    return WebhookTarget(called="ops", url=url, **{**known, **more})


@pytest.fixture
def post(store: Store, ops: Receiver) -> Post:
    return Post(store, target(ops.url))


def tell(store: Store, *titles: str, **more: Any) -> None:
    known: dict[str, Any] = {
        "kind": EventKind.MISSED,
        "subject": "2026-Q1/dcim-o1-kr1",
        "key_result": "2026-Q1/dcim-o1-kr1",
        "team": "dcim",
    }
    with store.write() as connection:
        append_events(
            connection,
            [
                Event(at=NOW, title=title, text="why", reason="date_passed", **(known | more))
                for title in titles
            ],
        )


def test_an_event_arrives_as_a_signed_cloud_event(store: Store, post: Post, ops: Receiver) -> None:
    tell(store, "Completeness: missed")

    post.deliver()

    (headers,), (body,) = ops.requests, ops.bodies
    event = from_http(headers, body)
    assert event["specversion"] == "1.0"
    assert event["type"] == "syncd.missed"
    assert event["source"] == "https://okrs.example.org"
    assert event["subject"] == "2026-Q1/dcim-o1-kr1"
    assert event["id"] == headers["webhook-id"] == event.data["id"]
    assert event.data["title"] == "Completeness: missed"
    assert event.data["page"] == "https://okrs.example.org/kr/2026-Q1/dcim-o1-kr1#event-1"
    assert (ops.forged, post.depth()) == (0, (0, 0))


def test_only_a_target_whose_certificate_is_trusted_is_told(store: Store, tmp_path: Path) -> None:
    ours, served = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("127.0.0.1").configure_cert(served)
    authority = tmp_path / "authority.pem"
    ours.cert_pem.write_to_path(authority)
    with receiver(served) as found:
        post = Post(store, target(found.url))
        tell(store, "one")
        post.deliver()
        assert (found.bodies, post.outcomes.seen) == ([], {"failed": 1})

        post.clock.advance(minutes=5)
        post.target = target(found.url, verify=str(authority))
        post.courier.renew([post.target])
        post.deliver()

        assert [one["data"]["title"] for one in found.got] == ["one"]


def test_a_wrong_secret_is_found_out(store: Store, ops: Receiver) -> None:
    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    wrong = Post(store, target(ops.url, secret=other))
    tell(store, "one")

    wrong.deliver()

    assert (ops.forged, ops.got, wrong.depth()) == (1, [], (1, 0))


def test_what_is_sent_after_a_renewal_is_signed_with_the_new_secret(
    store: Store, ops: Receiver
) -> None:
    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    post = Post(store, target(ops.url, secret=other))
    tell(store, "one")

    post.courier.renew([target(ops.url)])
    post.courier.send_due(30.0)

    assert (ops.forged, len(ops.got), post.depth()) == (0, 1, (0, 0))


def test_what_fails_sometimes_arrives_in_the_end_and_all_of_it(
    store: Store, post: Post, ops: Receiver
) -> None:
    ops.answers = [500, 204, 503, 500, 204, 302]
    tell(store, *(f"event {n}" for n in range(5)))

    for _ in range(12):
        post.deliver()
        post.clock.advance(seconds=60)

    assert {one["data"]["title"] for one in ops.got} == {f"event {n}" for n in range(5)}
    assert len(ops.ids()) == 5
    assert post.outcomes.seen == {"delivered": 5, "failed": 4}
    assert post.depth() == (0, 0)


def test_an_event_follows_nobody_to_another_address(store: Store, ops: Receiver) -> None:
    post = Post(store, target(ops.url))
    tell(store, "one")
    with receiver() as stranger:
        ops.answers, ops.headers = [308], {"Location": stranger.url}

        post.deliver()

        assert len(ops.requests) == 1
        assert stranger.requests == []
    assert post.depth() == (1, 0)


def test_who_dies_after_sending_sends_again_with_the_same_id(
    store: Store, post: Post, ops: Receiver
) -> None:
    tell(store, "one")
    bag = claim_letters(store, post.target.name, now=NOW, most=1, lease_seconds=60, together=False)
    assert bag is not None
    post.target.send([bag.letters[0].event], NOW)
    # and here the process is killed: nothing is written of it

    post.clock.advance(seconds=61)
    post.deliver()

    first, second = ops.ids()
    assert first == second
    assert post.depth() == (0, 0)


def test_a_letter_is_given_up_after_its_attempts_and_listed(store: Store, ops: Receiver) -> None:
    post = Post(store, target(ops.url, attempts=3))
    ops.answers = [500] * 3
    tell(store, "one")

    for _ in range(5):
        post.deliver()
        post.clock.advance(seconds=60)

    assert len(ops.requests) == 3
    with store.read() as connection:
        (dead,) = dead_letters(connection)
    assert (dead.attempts, dead.error) == (3, "answered 500")
    assert post.outcomes.seen == {"failed": 2, "given_up": 1}


def test_a_target_that_says_it_is_gone_is_not_tried_again(
    store: Store, post: Post, ops: Receiver
) -> None:
    ops.answers = [410]
    tell(store, "one")

    post.deliver()

    assert post.depth() == (0, 1)


def test_a_target_that_is_busy_is_left_alone_for_as_long_as_it_asks(
    store: Store, post: Post, ops: Receiver
) -> None:
    ops.answers, ops.headers = [429], {"retry-after": "120"}
    tell(store, "one", "two")

    post.deliver()
    post.clock.advance(seconds=119)
    post.deliver()
    tried = len(ops.requests)
    post.clock.advance(seconds=2)
    post.deliver()

    assert (tried, len(ops.got)) == (1, 2)


def test_only_what_is_chosen_is_sent(store: Store, ops: Receiver) -> None:
    post = Post(store, target(ops.url, chosen=Chosen(["net"], [EventKind.MISSED])))
    tell(store, "of another team")
    tell(store, "wanted", team="net")
    tell(store, "of another kind", team="net", kind=EventKind.ACHIEVED)

    post.deliver()

    assert [one["data"]["title"] for one in ops.got] == ["wanted"]
    assert post.depth() == (0, 0)


def test_what_a_dead_process_was_sending_is_sent_once_its_lease_has_ended(
    store: Store, ops: Receiver
) -> None:
    class Died(BaseException):
        pass

    @dataclass(frozen=True)
    class Deadly(WebhookTarget):
        def send(self, events: Sequence[Event], now: datetime) -> None:
            raise Died

    clock = ManualClock(NOW)
    webhook = replace(target(ops.url), seconds=3.0)
    deadly = Deadly(**{one.name: getattr(webhook, one.name) for one in fields(webhook)})
    courier = Courier(store, clock, [webhook], Outcomes(), lease_seconds=5.0)
    courier.register()
    tell(store, "wanted")

    with pytest.raises(Died):
        courier.turn(deadly)
    clock.advance(seconds=7.9)
    before = courier.turn(webhook)
    clock.advance(seconds=0.1)
    after = courier.turn(webhook)

    assert (before, after) == (False, True)
    assert [one["data"]["title"] for one in ops.got] == ["wanted"]


def test_a_host_that_never_answers_holds_up_nobody_who_writes_or_sends_elsewhere(
    store: Store, ops: Receiver
) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    dead = replace(
        target(f"http://127.0.0.1:{silent.getsockname()[1]}/"), called="dead", seconds=3.0
    )
    alive = target(ops.url)
    courier = Courier(store, ManualClock(NOW), [dead, alive], Outcomes())
    courier.register()
    courier.start()
    try:
        for n in range(20):
            tell(store, f"event {n}")
        deadline = time.monotonic() + 60
        waiting = threading.Event()
        while len(ops.got) < 20:
            assert time.monotonic() < deadline
            waiting.wait(0.05)
    finally:
        courier.stop()
        silent.close()

    assert sorted(ops.ids()) == sorted(set(ops.ids()))


@pytest.mark.parametrize(("tried", "least", "most"), [(1, 10, 15), (4, 80, 85), (30, 21600, 21600)])
def test_waits_double_up_to_six_hours(tried: int, least: float, most: float) -> None:
    assert timedelta(seconds=least) <= wait_after(tried) <= timedelta(seconds=most)
