"""Change logs: each entry once, the oldest first, and none of another shape."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.changelog import Tracked, changes_of, moment_of
from connectors.jira.entries import Malformed


def history(**changes: Any) -> dict[str, Any]:
    item = {"field": "status", "fieldId": "status", "from": "1", "fromString": "Open", "to": "2"}
    given_entry = {
        "id": "7", "created": "2026-03-05T11:00:00.250+0100", "author": {"name": "bob"},
        "items": [item],
    }  # fmt: skip
    return given_entry | changes


def test_entries_are_sorted_and_each_counts_once() -> None:
    tracked = Tracked({"status": "Status"}, frozenset())
    late, early = history(), history(id="6", created=1772704800250)

    found = changes_of([late, early, late], tracked)

    assert [change.at for change in found] == [
        datetime(2026, 3, 5, 10, 0, 0, 250_000, UTC),
        datetime(2026, 3, 5, 10, 0, 0, 250_000, UTC),
    ]


ONE_EACH = [
    history(id="6", created="2026-03-05T10:59:00.000+0100"),
    history(),
    history(id="9", items=[{"fieldId": "labels"}]),
    history(id="10"),
]
TWO_AT_ONCE = history(
    id="8", items=[{"fieldId": "status", "to": "3"}, {"fieldId": "status", "to": "4"}]
)


@pytest.mark.parametrize(
    ("entries", "became"),
    [(ONE_EACH, ["2", "2", "2"]), ([*ONE_EACH, TWO_AT_ONCE], ["2", "2", "3", "4", "2"])],
)
@given(data=st.data())
def test_in_whatever_order_and_however_often_entries_come(
    entries: list[dict[str, Any]], became: list[str], data: st.DataObject
) -> None:
    once = data.draw(st.permutations(entries))
    again = data.draw(st.lists(st.sampled_from(entries)))

    found = changes_of([*once, *again], Tracked({"status": "Status"}, frozenset()))

    assert [change.after_id for change in found] == became
    assert [change.at.minute for change in found] == [59, *[0] * (len(became) - 1)]


@pytest.mark.parametrize(("people", "shown"), [(True, "bob"), (False, None)])
def test_who_made_a_change_is_told_where_it_matters(people: bool, shown: str | None) -> None:
    tracked = Tracked({"status": "Status"}, frozenset(), people=people)

    [change] = changes_of([history()], tracked)

    assert (change.author and change.author.shown) == shown


def test_the_brackets_of_an_empty_list_are_nothing_and_those_of_a_text_are_its_own() -> None:
    tracked = Tracked({"customfield_1": "Skills", "customfield_2": "Notes"}, frozenset())
    emptied = {"fieldId": "customfield_1", "from": "[1]", "fromString": "power", "to": "[]"}
    filled = {"fieldId": "customfield_1", "from": "[]", "fromString": "[]", "to": "[u-a]"}
    noted = {"fieldId": "customfield_2", "fromString": "[]", "toString": "none"}

    found = changes_of([history(items=[emptied, filled, noted])], tracked)

    sides = attrgetter("before_id", "before", "after_id", "after")
    assert [sides(change) for change in found] == [
        ("[1]", "power", "", ""),
        ("", "", "[u-a]", None),
        (None, "[]", None, "none"),
    ]


@pytest.mark.parametrize("kind", [None, "jira", ["custom"], {"custom": 1}])
def test_an_item_whose_kind_is_anything_else_is_of_no_custom_field(kind: Any) -> None:
    tracked = Tracked({"status": "Status", "customfield_1": "Skills"}, frozenset())
    items = [{"field": name, "fieldtype": kind} for name in ("status", "Skills")]

    found = changes_of([history(items=items)], tracked)

    assert [change.field for change in found] == ["status"]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        history(id=None),
        history(id="x"),
        history(created=None),
        history(created="yesterday"),
        history(created="2026-03-05T11:00:00"),
        history(created=12),
        history(created=10**20),
        history(items=None),
        history(items=[None]),
        history(items=[{"from": "1"}]),
    ],
)
def test_an_entry_of_another_shape_is_refused(broken: Any) -> None:
    with pytest.raises(Malformed):
        changes_of([broken], Tracked({"status": "Status"}, frozenset()))


@pytest.mark.parametrize(
    "given_moment", [1772704800250, "1772704800250", "2026-03-05T05:00:00.250-0500"]
)
def test_a_moment_is_read_in_every_way_jira_writes_it(given_moment: Any) -> None:
    assert moment_of(given_moment) == datetime(2026, 3, 5, 10, 0, 0, 250_000, UTC)


TIMES = st.datetimes() | st.sampled_from([datetime.min, datetime.max])  # noqa: DTZ901  in any zone
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(time=TIMES, offset=OFFSETS, precision=st.sampled_from(["milliseconds", "seconds", "auto"]))
def test_a_moment_at_an_offset_that_was_met_before_is_no_other(
    time: datetime, offset: timezone, precision: str
) -> None:
    aware = time.replace(tzinfo=offset)
    date, _, rest = aware.isoformat(timespec=precision).rpartition(":")
    text = f"{date}{rest}"  # Jira writes +0100
    try:
        expected = datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        for _ in range(2):
            with pytest.raises(Malformed):
                moment_of(text)
        return

    found = [moment_of(text) for _ in range(2)]

    assert found == [expected] * 2
    assert {each.tzinfo for each in found} == {UTC}


@pytest.mark.parametrize(
    "odd",
    [
        "2026-03-05T05:00:00.25+-0500",
        "2026-03-05T05:00:00.250 -0500",
        "2026-03-05T05:00+01:00-0500",
        "2026-03-05T05:00:00.250-05:00-0500",
        "-0500",
        ["-0500"],
        {"-0500": 1},
    ],
)
def test_an_offset_that_was_met_before_makes_no_moment_of_what_is_none(odd: Any) -> None:
    moment_of("2026-03-05T05:00:00.250-0500")

    with pytest.raises(Malformed):
        moment_of(odd)
