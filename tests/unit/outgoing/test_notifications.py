"""Notifications: what goes to whom in what words and when, to a real SMTP server and a receiver."""

from __future__ import annotations

import email
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from syncd.clock import ManualClock
from syncd.model import Event, EventKind
from syncd.outgoing.courier import Courier
from syncd.outgoing.destination import Chosen, Undelivered
from syncd.outgoing.grouping import lines
from syncd.outgoing.message import TemplateRefused, message, read_template
from syncd.outgoing.notifications import Route
from syncd.outgoing.severity import Severity
from syncd.outgoing.timing import Quiet, Rhythm, Timing
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.outbox import depths
from syncd.store.schema import outbox
from syncd.wording import source_name
from tests.unit.outgoing.receiver import Receiver, receiver
from tests.unit.outgoing.test_webhooks import Outcomes

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
BASE = "https://okrs.example.org"


def event(number: int = 1, **more: Any) -> Event:
    key = f"2026-Q1/dcim-o1-kr{number}"
    known: dict[str, Any] = {
        "at": NOW,
        "kind": EventKind.DATA_STALE,
        "subject": key,
        "key_result": key,
        "team": "dcim",
        "title": f"Number {number}: stale (was on track)",
        "text": "No reading since 09:12: NetBox cannot be reached.",
        "reason": "unreachable",
        "after": {"status": "stale"},
        "data": {"source": "netbox"},
        "id": f"id-{number}",
        "position": number,
    }
    return Event(**(known | more))


def failing(source: str = "netbox", kind: EventKind = EventKind.SOURCE_FAILING) -> Event:
    return event(
        kind=kind,
        subject=source,
        key_result=None,
        team=None,
        title=f"{source_name(source)} does not answer as it should",
        text=f"{source}: no answer within 30 s",
        after=None,
        data={},
    )


def route(url: str, **more: Any) -> Route:
    known: dict[str, Any] = {
        "chosen": Chosen(),
        "least": Severity.INFO,
        "timing": Timing(gather_seconds=60),
        "template": read_template(None),
        "base": BASE,
    }
    return Route(called="lead", url=url, **(known | more))


class Post:
    def __init__(self, store: Store, to: Route, now: datetime = NOW) -> None:
        self.store, self.to, self.clock = store, to, ManualClock(now)
        self.courier = Courier(store, self.clock, [to], Outcomes())
        self.courier.register()

    def tell(self, *events: Event) -> None:
        with self.store.write() as connection:
            append_events(connection, events)

    def deliver(self) -> None:
        while self.courier.turn(self.to):
            pass

    def waiting(self) -> int:
        with self.store.read() as connection:
            return depths(connection)[self.to.name].waiting


def to_json(ops: Receiver) -> str:
    return ops.url.replace("http://", "json://")


@contextmanager
def mailbox() -> Iterator[tuple[str, list[Message]]]:
    """Where mail is sent to, and what came."""
    found: list[Message] = []

    class Keeping:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            found.append(email.message_from_bytes(envelope.content, policy=default))
            return "250 kept"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keeping(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"mailto://127.0.0.1:{port}?from=syncd@example.org&to=lead@example.org", found
    finally:
        controller.stop()


class TestSending:
    def test_one_dead_source_is_one_message_and_not_eighty(
        self, store: Store, ops: Receiver
    ) -> None:
        post = Post(store, route(to_json(ops)))
        for first in (1, 41):
            post.tell(*(event(n) for n in range(first, first + 40)))
            post.deliver()
            post.clock.advance(seconds=30)

        post.clock.advance(seconds=30)
        post.deliver()

        (body,) = ops.bodies
        told = json.loads(body)
        assert told["title"] == "NetBox: 80 key results have no fresh data"
        assert "2026-Q1/dcim-o1-kr1, " in told["message"]
        assert "and 75 more" in told["message"]
        assert told["type"] == "warning"
        assert post.waiting() == 0

    def test_what_turns_stale_later_by_the_same_outage_is_no_further_message(
        self, store: Store, ops: Receiver
    ) -> None:
        post = Post(store, route(to_json(ops)))
        post.tell(failing())
        post.clock.advance(minutes=2)
        post.deliver()
        for number in range(1, 5):
            post.clock.advance(hours=3)
            post.tell(event(number, at=post.clock.now()))
            post.deliver()
            post.clock.advance(minutes=2)
            post.deliver()

        (body,) = ops.bodies
        told = json.loads(body)
        assert told["title"] == "NetBox does not answer as it should"
        assert "What else turns stale until it answers again is not told" in told["message"]
        assert post.waiting() == 0

    @pytest.mark.parametrize("between", ["recovered", "another source", "not taken", "given up"])
    def test_another_outage_and_one_that_nobody_was_told_of_are_told(
        self, store: Store, ops: Receiver, between: str
    ) -> None:
        kinds = (EventKind.DATA_STALE,) if between == "not taken" else ()
        post = Post(store, route(to_json(ops), chosen=Chosen(kinds=kinds)))
        source = "jira" if between == "another source" else "netbox"
        post.tell(failing(source))
        if between == "given up":
            with store.write() as connection:
                connection.execute(sa.update(outbox).values(dead_at=NOW))
        post.clock.advance(minutes=2)
        post.deliver()
        if between == "recovered":
            post.tell(failing(kind=EventKind.SOURCE_RECOVERED))
            post.tell(failing())
        before = len(ops.bodies)

        post.tell(event(1, at=post.clock.now()))
        post.clock.advance(minutes=2)
        post.deliver()

        assert len(ops.bodies) == before + 1
        assert "Number 1: stale" in ops.bodies[-1]

    def test_a_digest_lists_what_turned_stale_since_the_last(
        self, store: Store, ops: Receiver
    ) -> None:
        daily = Timing(rhythm=Rhythm.DAILY, at=time(13))
        post = Post(store, route(to_json(ops), timing=daily))
        post.tell(failing())
        post.clock.advance(hours=2)
        post.deliver()
        post.tell(event(1, at=post.clock.now()))

        post.clock.advance(days=1)
        post.deliver()

        assert "Number 1: stale" in ops.bodies[-1]

    def test_a_mail_arrives_and_titles_of_strangers_do_no_harm(self, store: Store) -> None:
        hostile = (
            "<script>alert(1)</script>\r\nBcc: all@example.org\x00\u202e @channel " + "x" * 30_000
        )
        with mailbox() as (url, mails):
            post = Post(store, route(url))
            post.tell(event(1, kind=EventKind.MISSED, title=hostile, text=hostile, data={}))
            post.clock.advance(minutes=2)
            post.deliver()

        (mail,) = mails
        assert mail["bcc"] is None
        assert mail["to"] is not None
        assert "lead@example.org" in mail["to"]
        assert "\n" not in mail["subject"]
        assert len(mail["subject"]) < 400
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                content = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
                assert "<script>" not in content
                assert "\u202e" not in content
                assert len(content) < 10_000

    def test_what_a_service_does_not_take_is_sent_again(self, store: Store, ops: Receiver) -> None:
        post = Post(store, route(to_json(ops)))
        ops.answers = [500]
        post.tell(event())
        post.clock.advance(minutes=2)
        post.deliver()
        waiting = post.waiting()

        post.clock.advance(minutes=10)
        post.deliver()

        assert (waiting, len(ops.got), post.waiting()) == (1, 1, 0)

    def test_a_message_follows_nobody_to_another_address(self, store: Store, ops: Receiver) -> None:
        with receiver() as stranger:
            ops.answers, ops.headers = [307], {"Location": stranger.url}
            url = ops.url.replace("http://", "json://me:s3cr3t@") + "?+X-Token=s3cr3t"
            with pytest.raises(Undelivered):
                route(url).send([event()], NOW)

            assert len(ops.requests) == 1
            assert stranger.requests == []

    def test_only_what_matters_enough_and_is_chosen_is_told(
        self, store: Store, ops: Receiver
    ) -> None:
        chosen = Chosen(["dcim"], [EventKind.MISSED, EventKind.NOTE_ADDED])
        post = Post(store, route(to_json(ops), chosen=chosen, least=Severity.WARNING))
        post.tell(
            event(1, kind=EventKind.NOTE_ADDED, title="only a note"),
            event(2, kind=EventKind.MISSED, title="wanted"),
            event(3, kind=EventKind.MISSED, title="of others", team="net"),
            event(4),
        )

        post.clock.advance(minutes=2)
        post.deliver()

        assert [one["title"] for one in ops.got] == ["wanted"]
        assert ops.got[0]["type"] == "failure"

    def test_a_digest_tells_all_since_the_last_one_at_its_time(
        self, store: Store, ops: Receiver
    ) -> None:
        timing = Timing(timezone="Europe/Berlin", rhythm=Rhythm.DAILY, at=time(8))
        post = Post(store, route(to_json(ops), timing=timing))
        post.tell(event(1, kind=EventKind.MISSED, title="a"))
        post.deliver()
        post.clock.move_to(datetime(2026, 2, 20, 23, tzinfo=UTC))
        post.tell(event(2, kind=EventKind.ACHIEVED, title="b", after={"status": "achieved"}))
        post.deliver()
        before = len(ops.got)

        post.clock.move_to(datetime(2026, 2, 21, 7, tzinfo=UTC))
        post.deliver()

        assert before == 0
        (told,) = ops.got
        assert told["title"] == "2 changes of key results"
        assert told["message"].index("a\n") < told["message"].index("b\n")


class TestTiming:
    @pytest.mark.parametrize(
        ("timing", "oldest", "opens"),
        [
            (Timing(gather_seconds=60), "2026-02-20T12:00", "2026-02-20T12:01"),
            (Timing(rhythm=Rhythm.DAILY), "2026-02-20T07:59", "2026-02-20T08:00"),
            (Timing(rhythm=Rhythm.DAILY), "2026-02-20T08:00", "2026-02-21T08:00"),
            (Timing(rhythm=Rhythm.WEEKLY), "2026-02-20T12:00", "2026-02-23T08:00"),
            (
                Timing("Europe/Berlin", Rhythm.DAILY, at=time(8)),
                "2026-03-28T12:00",
                "2026-03-29T06:00",
            ),
            (
                Timing(gather_seconds=0, quiet=Quiet(time(20), time(7))),
                "2026-02-20T23:00",
                "2026-02-21T07:00",
            ),
            (
                Timing(gather_seconds=0, quiet=Quiet(time(20), time(7))),
                "2026-02-20T20:00",
                "2026-02-21T07:00",
            ),
            (
                Timing(gather_seconds=0, quiet=Quiet(time(20), time(7))),
                "2026-02-21T06:59",
                "2026-02-21T07:00",
            ),
            (
                Timing(gather_seconds=0, quiet=Quiet(time(20), time(7))),
                "2026-02-21T07:00",
                "2026-02-21T07:00",
            ),
            (
                Timing(gather_seconds=0, quiet=Quiet(time(12), time(13))),
                "2026-02-21T12:30",
                "2026-02-21T13:00",
            ),
        ],
    )
    def test_a_route_opens_when_it_says(self, timing: Timing, oldest: str, opens: str) -> None:
        told = datetime.fromisoformat(oldest).replace(tzinfo=UTC)

        assert timing.opens_at(told, told) == datetime.fromisoformat(opens).replace(tzinfo=UTC)


class TestWords:
    def test_what_two_sources_do_are_two_lines_and_the_worst_stands_first(self) -> None:
        found = lines(
            [
                event(1),
                event(2),
                event(3, data={"source": "jira"}),
                event(4, kind=EventKind.MISSED, title="x: missed"),
            ],
            BASE,
        )

        assert [(line.title, line.count) for line in found] == [
            ("x: missed", 1),
            ("NetBox: 2 key results have no fresh data", 2),
            ("Number 3: stale (was on track)", 1),
        ]

    def test_a_template_of_ones_own_is_used(self, tmp_path: Path) -> None:
        own = tmp_path / "own.txt"
        own.write_text(
            "{% block title %}{{ count }} news{% endblock %}"
            "{% block body %}{% for line in lines %}{{ line.page }}{% endfor %}{% endblock %}"
        )

        told = message(read_template(own), lines([event(4)], BASE), BASE)

        assert told.title == "1 news"
        assert told.body == f"{BASE}/kr/2026-Q1/dcim-o1-kr4#event-4"

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("{% block title %}", "own.txt:1"),
            ("{% block title %}x{% endblock %}", "no block body"),
        ],
    )
    def test_a_template_that_cannot_be_used_is_refused(
        self, tmp_path: Path, text: str, says: str
    ) -> None:
        own = tmp_path / "own.txt"
        own.write_text(text)

        with pytest.raises(TemplateRefused, match=says):
            read_template(own)

    @pytest.mark.parametrize(
        "trick",
        [
            "{{ ''.__class__.__mro__ }}",
            "{{ lines.__class__.__init__.__globals__ }}",
            "{{ range(10 ** 9) | list }}",
            "{{ lines.append(1) }}",
        ],
    )
    def test_a_template_can_do_nothing_but_make_words(self, tmp_path: Path, trick: str) -> None:
        own = tmp_path / "own.txt"
        own.write_text(
            "{% block title %}t{% endblock %}{% block body %}" + trick + "{% endblock %}"
        )

        with pytest.raises(TemplateRefused, match="the template failed"):
            message(read_template(own), lines([event(1)], BASE), BASE)


def test_events_of_a_quiet_night_are_one_message_in_the_morning(
    store: Store, ops: Receiver
) -> None:
    timing = Timing(gather_seconds=0, quiet=Quiet(time(20), time(7)))
    post = Post(store, route(to_json(ops), timing=timing), datetime(2026, 2, 20, 22, tzinfo=UTC))
    for hour in range(3):
        at = post.clock.now()
        post.tell(event(hour, at=at, kind=EventKind.MISSED, title=f"event {hour}"))
        post.deliver()
        post.clock.advance(hours=1)

    post.clock.move_to(datetime(2026, 2, 21, 7, tzinfo=UTC) + timedelta(seconds=1))
    post.deliver()

    assert [one["title"] for one in ops.got] == ["3 changes of key results"]
