"""Looking side by side: whoever hangs or fails is named, and holds up nobody."""

from __future__ import annotations

import threading
import time

import pytest

from connectors.checkup import Finding, Level
from syncd.doctor import groups
from syncd.doctor.groups import Group, Look, Tell, document, side_by_side

FINE = Finding.ok("reachable", "it answers")


def fine(tell: Tell) -> None:
    tell(FINE)


def test_looks_are_told_in_their_order_whichever_ends_first() -> None:
    first_may_end = threading.Event()

    def waits(tell: Tell) -> None:
        first_may_end.wait()
        fine(tell)

    ended: list[str] = []

    def note(name: str) -> None:
        ended.append(name)
        first_may_end.set()

    found = side_by_side([Look("slow", waits), Look("quick", fine)], 30.0, note)

    assert found == [Group("slow", (FINE,)), Group("quick", (FINE,))]
    assert ended == ["quick", "slow"]


def test_one_that_hangs_is_named_with_what_it_found_and_hung_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(groups, "GRACE_SECONDS", 0.0)
    hung_up = threading.Event()

    def hangs(tell: Tell) -> None:
        fine(tell)
        hung_up.wait()

    began = time.monotonic()
    slow, quick = side_by_side([Look("slow", hangs, hung_up.set), Look("quick", fine)], 0.05)

    assert time.monotonic() - began < 20
    assert quick.findings == (FINE,)
    assert slow.findings[0] == FINE
    assert (slow.findings[1].level, hung_up.is_set()) == (Level.PROBLEM, True)
    assert "hangs" in slow.findings[1].says


def test_a_look_that_fails_is_told_without_what_it_held() -> None:
    def fails(tell: Tell) -> None:
        raise RuntimeError("s3cr3t")

    failed, other = side_by_side([Look("one", fails), Look("other", fine)], 30.0)

    assert failed.findings[0].level is Level.PROBLEM
    assert "RuntimeError" in failed.findings[0].says
    assert "s3cr3t" not in failed.findings[0].says
    assert other.findings == (FINE,)


def test_the_document_tells_the_gravest_and_how_many() -> None:
    problem = Finding.problem("a", "b", "c")

    told = document([Group("one", (FINE, problem)), Group("other", (FINE,))])

    assert told["level"] == "problem"
    assert told["counts"] == {"ok": 2, "unknown": 0, "warning": 0, "problem": 1}
    assert told["groups"][0]["findings"][1] == {
        "about": "a",
        "level": "problem",
        "says": "b",
        "fix": "c",
    }
    assert document([])["level"] == "ok"
