"""What a due date hangs on, as the API, the page and the terminal tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.assess import Basis, Step
from syncd.model import External, ExternalState, Status, Target, TargetType
from syncd.store.manual import record_manual
from syncd.store.paths import path_of
from syncd.store.read import key_result_views
from syncd.surfaces.paths import path_document, path_lines, step_words
from tests.store.catalogues import DUE, START, by_hand, catalogue, key_result
from tests.store.state import assess_all, say_state
from tests.unit.surfaces.conftest import HOSTILE, Site, put

RACKS = by_hand("racks", stale_after=timedelta(days=365))
TEN = Target(TargetType.AT_LEAST, goal=10.0)
NOW = datetime.fromisoformat("2026-02-20T12:00:00+00:00")
DAY = 86_400.0


@pytest.fixture
def waiting(site: Site) -> Site:
    """The load test waits for the network, that for the access and for power, of which nobody has
    said anything; a third key result needs nothing.
    """
    wanted = catalogue(
        [RACKS],
        [
            key_result("obs-o4-kr1", RACKS, target=TEN, title="Load tested", needs=("net-o1-kr1",)),
            key_result(
                "net-o1-kr1",
                RACKS,
                target=TEN,
                title="Network built",
                due=DUE - timedelta(days=16),
                needs=("external:access", "external:power"),
            ),
            key_result("ops-o1-kr1", RACKS, target=TEN),
        ],
        [
            External("access", "API access granted", "Vendor", DUE - timedelta(days=20)),
            External("power", "Power is on"),
        ],
    )
    put(site, wanted)
    site.clock.advance(days=20)
    now = site.clock.now()
    record_manual(site.store, "racks", 2.4, note=None, by="Ada", at=now, now=now)
    say_state(site.store, "access", ExternalState.SLIPPED, now, note=HOSTILE, by="Eve")
    assess_all(site.store, site.clock)
    return site


def api(site: Site, key: str = "obs-o4-kr1") -> Any:
    answer = site.client.get(f"/api/v1/krs/{key}/path")
    assert answer.status_code == 200
    return answer.json()


class TestTheApi:
    def test_leads_from_need_to_need_with_date_and_slack(self, waiting: Site) -> None:
        found = api(waiting)

        assert (found["id"], found["due_at"]) == ("obs-o4-kr1", "2026-04-01T06:59:59Z")
        network, access = found["steps"]
        assert (network["id"], network["title"], network["status"]) == (
            "net-o1-kr1",
            "Network built",
            "at_risk",
        )
        assert (network["basis"], network["landing_at"]) == ("promised", "2026-03-16T06:59:59Z")
        assert network["slack_seconds"] == 16 * DAY
        assert network["text"] == "promised for 15 Mar, 16 d to spare"
        assert (access["id"], access["status"], access["status_text"]) == (
            "external:access",
            "off_track",
            "slipped",
        )
        assert (access["by"], access["note"]) == ("Eve", HOSTILE)
        assert access["slack_seconds"] == 4 * DAY
        assert access["unknown"] == ["external:power"]

    def test_lists_what_it_needs_itself_with_what_is_known(self, waiting: Site) -> None:
        access, power = api(waiting, "net-o1-kr1")["needs"]

        assert (access["status_text"], power["status_text"]) == ("slipped", "nothing said yet")
        assert (power["status"], power["due_at"], power["by"]) == ("no_data", None, None)

    def test_of_what_needs_nothing_is_empty(self, waiting: Site) -> None:
        found = api(waiting, "ops-o1-kr1")

        assert (found["needs"], found["steps"]) == ([], [])

    def test_of_an_unknown_key_result_is_answered_with_the_nearest(self, waiting: Site) -> None:
        answer = waiting.client.get("/api/v1/krs/ops-o1-kr2/path")

        assert answer.status_code == 404
        assert "did you mean ops-o1-kr1?" in answer.json()["detail"]


class TestThePage:
    def test_lists_what_it_waits_for_and_what_its_date_hangs_on(self, waiting: Site) -> None:
        page = waiting.client.get("/kr/net-o1-kr1").text

        assert "▲</span> slipped</span> API access granted" in page
        assert "?</span> nothing said yet</span> Power is on" in page
        assert "Its due date hangs on:" in page
        assert "of external:power beside it nothing is known" in page
        assert HOSTILE not in page
        assert "Eve says: &lt;script&gt;" in page

    def test_leads_to_the_key_results_it_needs(self, waiting: Site) -> None:
        page = waiting.client.get("/kr/obs-o4-kr1").text

        assert '<a href="/kr/net-o1-kr1">Network built</a>' in page

    def test_of_what_needs_nothing_says_nothing(self, waiting: Site) -> None:
        assert "waits for" not in waiting.client.get("/kr/ops-o1-kr1").text


def tree(site: Site, key: str) -> list[str]:
    now = site.clock.now()
    with site.store.read() as connection:
        (view,) = key_result_views(connection, [key])
        return list(path_lines(path_document(path_of(connection, view, now), now)))


def test_the_tree_tells_each_step_on_a_line_of_its_own(waiting: Site) -> None:
    assert tree(waiting, "obs-o4-kr1") == [
        "Load tested (obs-o4-kr1), due 31 Mar",
        "└─ Network built (net-o1-kr1), due 15 Mar: at risk; promised for 15 Mar, 16 d to spare",
        (
            "   └─ API access granted (external:access), due 11 Mar: slipped; promised for 11 Mar, 4 d to spare; "
            f"of external:power beside it nothing is known; Eve says: {HOSTILE}"
        ),
    ]
    assert tree(waiting, "ops-o1-kr1")[1:] == ["└─ it needs nothing"]


def test_the_tree_says_that_all_is_there(waiting: Site) -> None:
    now = waiting.clock.now()
    for name in ("access", "power"):
        say_state(waiting.store, name, ExternalState.DONE, now, note="done", by="Eve")

    assert tree(waiting, "net-o1-kr1")[1:] == ["└─ all that it needs is there"]


MARCH_10 = START.replace(month=3, day=10)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            Step("a", Status.AT_RISK, None, MARCH_10, Basis.FORECAST, -9 * DAY),
            "lands on 10 Mar at this pace, 9 d too late",
        ),
        (
            Step("a", Status.ON_TRACK, None, MARCH_10, Basis.PROMISED, 0.0),
            "promised for 10 Mar, with no time to spare",
        ),
        (
            Step("a", Status.ON_TRACK, None, MARCH_10, Basis.PROMISED, 1.4 * DAY),
            "promised for 10 Mar, 34 h to spare",
        ),
        (
            Step("a", Status.OFF_TRACK, None, None, Basis.NEVER, None),
            "does not come at this pace",
        ),
        (
            Step("a", Status.ABANDONED, None, None, Basis.NEVER, None),
            "does not come: it is abandoned",
        ),
        (Step("a", Status.MISSED, None, None, Basis.NEVER, None), "does not come: it is missed"),
        (Step("a", None, None, None, Basis.UNKNOWN, None), "nothing is known of it"),
        (
            Step("a", Status.STALE, None, MARCH_10, Basis.UNKNOWN, 3 * DAY, ("b", "c")),
            (
                "nothing is known of it but its due date 10 Mar, 3 d to spare; of b and c beside it "
                "nothing is known"
            ),
        ),
    ],
)
def test_a_step_says_when_it_is_there_and_from_what_that_is_known(step: Step, words: str) -> None:
    assert step_words(step, "UTC", NOW) == words
