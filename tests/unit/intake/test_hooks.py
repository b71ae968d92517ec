"""Notices of changes: who is believed, and what a burst of them costs."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
import structlog
from structlog.testing import capture_logs

from connectors.base import Hook
from syncd.clock import ManualClock
from syncd.intake.hooks import (
    MOST_WAITING,
    PAUSE_SECONDS,
    Concerns,
    HookClosed,
    HookOutcome,
    HookPort,
    Hooks,
    NoSuchHook,
    NotAuthentic,
    NotReadable,
)
from tests.store.catalogues import START
from tests.unit.intake.signing import HEADER, SECRET, SigningHook, signature, signed

SCOPES = ({"objects": "devices"}, {"objects": "racks"}, {"objects": "sites"})


@dataclass
class Desk:
    """Hooks over three scopes, with pauses that end when a test says so."""

    looks: list[list[str]] = field(default_factory=list)
    counted: list[tuple[str, HookOutcome]] = field(default_factory=list)
    pauses: list[Callable[[], None]] = field(default_factory=list)
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    store_is_away: bool = False
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        hook: Hook = SigningHook()
        port = HookPort("netbox-1", hook, SECRET)
        self.hooks = Hooks(
            {"netbox-1": port, "netbox": port, "jira": HookPort("jira", hook)},
            self.make_due,
            self.clock,
            self,
            later=self.later,
        )

    def make_due(self, source: str, concerned: Concerns) -> int:
        if self.store_is_away:
            raise sa.exc.OperationalError("UPDATE", {}, Exception("away"))
        assert source == "netbox-1"
        found = [scope["objects"] for scope in SCOPES if concerned(scope, ())]
        self.looks.append(found)
        return len(found)

    def noticed(self, source: str, outcome: HookOutcome) -> None:
        self.counted.append((source, outcome))

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        assert seconds == PAUSE_SECONDS
        self.pauses.append(call)

    def end_pause(self) -> None:
        self.pauses.pop(0)()

    def send(self, notice: object, name: str = "netbox", secret: str = SECRET) -> int | None:
        """A new one each time, as upstreams number theirs."""
        if isinstance(notice, dict):
            notice = {**notice, "number": next(self.numbers)}
        return self.hooks.receive(self.hooks.port(name), *signed(notice, secret))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class TestWhoIsBelieved:
    def test_a_signed_notice_makes_the_scopes_due_that_it_concerns(self, desk: Desk) -> None:
        assert desk.send({"objects": "racks"}) == 1
        assert desk.looks == [["racks"]]
        assert desk.counted == [("netbox-1", HookOutcome.DUE)]

    def test_the_source_and_its_kind_are_one_port(self, desk: Desk) -> None:
        assert desk.hooks.port("netbox") is desk.hooks.port("netbox-1")

    def test_one_of_an_unknown_shape_concerns_every_scope(self, desk: Desk) -> None:
        assert desk.send(["what is this"]) == len(SCOPES)

    def test_another_secret_is_refused_and_nothing_changes(self, desk: Desk) -> None:
        with pytest.raises(NotAuthentic):
            desk.send({"objects": "racks"}, secret="guessed")

        assert desk.looks == []
        assert desk.counted == [("netbox-1", HookOutcome.NOT_AUTHENTIC)]

    def test_a_renewed_secret_is_the_one_that_counts(self, desk: Desk) -> None:
        port = HookPort("netbox-1", SigningHook(), "renewed")
        desk.hooks.renew({"netbox-1": port, "netbox": port})

        assert desk.send({"objects": "racks"}, secret="renewed") == 1
        with pytest.raises(NotAuthentic):
            desk.send({"objects": "racks"})

    def test_a_body_that_was_changed_on_the_way_is_refused(self, desk: Desk) -> None:
        headers, body = signed({"objects": "racks"})

        with pytest.raises(NotAuthentic):
            desk.hooks.receive(desk.hooks.port("netbox"), headers, body + b" ")

    def test_one_that_is_sent_again_makes_nothing_due_within_the_window(self, desk: Desk) -> None:
        port, notice = desk.hooks.port("netbox"), signed({"objects": "racks"})
        assert desk.hooks.receive(port, *notice) == 1
        desk.end_pause()

        for _ in range(3):
            desk.clock.advance(seconds=96)
            assert desk.hooks.receive(port, *notice) == 0
        assert desk.looks == [["racks"]]
        assert desk.counted[1:] == [("netbox-1", HookOutcome.REPEATED)] * 3

        desk.clock.advance(seconds=12)
        assert desk.hooks.receive(port, *notice) == 1

    def test_of_too_many_the_oldest_is_known_no_more(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("syncd.intake.hooks.MOST_REMEMBERED", 2)
        port = desk.hooks.port("netbox")
        for name in ("racks", "sites", "devices", "racks", "devices"):
            desk.hooks.receive(port, *signed({"objects": name}))

        assert [outcome for _, outcome in desk.counted].count(HookOutcome.REPEATED) == 1

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
    def test_the_body_is_parsed_only_after_its_signature(self, desk: Desk, body: bytes) -> None:
        port = desk.hooks.port("netbox")
        headers = {HEADER: "0" * 64}
        with pytest.raises(NotAuthentic):
            desk.hooks.receive(port, headers, body)

        with pytest.raises(NotReadable):
            desk.hooks.receive(port, {HEADER: signature(SECRET, body)}, body)
        assert desk.looks == []

    def test_a_source_without_a_secret_takes_none(self, desk: Desk) -> None:
        with pytest.raises(HookClosed, match="hook_secret"):
            desk.hooks.port("jira")
        assert desk.counted == [("jira", HookOutcome.CLOSED)]

    def test_an_unknown_name_is_counted_under_no_source(self, desk: Desk) -> None:
        with pytest.raises(NoSuchHook):
            desk.hooks.port("nowhere")
        assert desk.counted == [("", HookOutcome.UNKNOWN)]

    def test_the_secret_is_never_printed(self, desk: Desk) -> None:
        assert SECRET not in repr(desk.hooks.port("netbox"))


class TestBursts:
    def test_a_thousand_notices_cost_two_looks_and_none_is_lost(self, desk: Desk) -> None:
        first = desk.send({"objects": "devices"})
        rest = [desk.send({"objects": "racks"}) for _ in range(999)]
        desk.end_pause()

        assert first == 1
        assert set(rest) == {None}
        assert len(desk.looks) == 2
        assert "racks" in desk.looks[1]

    def test_a_few_that_wait_make_only_what_they_concern_due(self, desk: Desk) -> None:
        desk.send({"objects": "devices"})
        desk.send({"objects": "racks"})
        desk.send({"objects": "sites"})
        desk.end_pause()

        assert desk.looks == [["devices"], ["racks", "sites"]]

    def test_more_than_can_be_kept_concern_every_scope(self, desk: Desk) -> None:
        desk.send({"objects": "devices"})
        for _ in range(MOST_WAITING + 1):
            desk.send({"objects": "racks"})
        desk.end_pause()

        assert desk.looks[1] == ["devices", "racks", "sites"]

    def test_after_a_quiet_pause_the_next_is_looked_at_at_once(self, desk: Desk) -> None:
        desk.send({"objects": "devices"})
        desk.end_pause()

        assert desk.pauses == []
        assert desk.send({"objects": "racks"}) == 1

    def test_after_a_look_there_is_a_pause_again(self, desk: Desk) -> None:
        desk.send({"objects": "devices"})
        desk.send({"objects": "racks"})
        desk.end_pause()

        assert desk.send({"objects": "sites"}) is None
        desk.end_pause()
        assert desk.looks == [["devices"], ["racks"], ["sites"]]

    def test_what_waits_at_the_end_is_looked_at(self, desk: Desk) -> None:
        desk.send({"objects": "devices"})
        desk.send({"objects": "racks"})
        desk.hooks.close()

        assert desk.looks == [["devices"], ["racks"]]

    def test_what_waits_outlives_a_store_that_is_away(self, desk: Desk) -> None:
        desk.send({"objects": "devices"})
        desk.send({"objects": "racks"})
        desk.store_is_away = True
        with capture_logs() as told:
            desk.end_pause()
            desk.end_pause()
        desk.store_is_away = False
        desk.end_pause()

        assert desk.looks == [["devices"], ["racks"]]
        assert [line["event"] for line in told] == ["hook.store_away"]

    def test_a_store_that_is_away_is_told_to_the_sender(self, desk: Desk) -> None:
        port, notice = desk.hooks.port("netbox"), signed({"objects": "devices"})
        desk.store_is_away = True
        with pytest.raises(sa.exc.DBAPIError):
            desk.hooks.receive(port, *notice)
        desk.store_is_away = False
        desk.end_pause()

        assert desk.hooks.receive(port, *notice) == 1  # as its sender tries again

    def test_of_many_senders_at_once_each_notice_is_looked_at(self, desk: Desk) -> None:
        names = [scope["objects"] for scope in SCOPES] * 20
        threads = [threading.Thread(target=desk.send, args=({"objects": name},)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while desk.pauses:
            desk.end_pause()

        assert {name for look in desk.looks for name in look} == set(names)
        assert len(desk.looks) == 2


def test_refused_notices_are_logged_a_line_a_minute_with_how_many_they_were(desk: Desk) -> None:
    with capture_logs() as told:
        for _ in range(50):
            with pytest.raises(NotAuthentic):
                desk.send({}, secret="guessed")
        desk.clock.advance(minutes=1)
        with pytest.raises(NotAuthentic):
            desk.send({}, secret="guessed")

    assert [line["refused"] for line in told] == [1, 50]
    assert all(line["source"] == "netbox-1" for line in told)
    assert SECRET not in repr(told)
