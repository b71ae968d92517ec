"""What two sets of mapping files differ in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from syncd.mapping import load
from syncd.model import Catalogue, Combining, Target, TargetType
from syncd.plan import FieldChange, How, Kind, differences
from syncd.plan.definitions import of_catalogues, of_store
from syncd.registry import measures
from syncd.store.catalogue import put_in_force
from tests.store.catalogues import catalogue, combined, key_result, numbered, scanned
from tests.store.made import made

SHIPPED = Path(__file__).parents[3] / "mappings" / "q1-2026"
KINDS = {kind: kind for kind in ("jira", "netbox", "prometheus")}


@cache
def shipped() -> Catalogue:
    loaded = load(SHIPPED, measures=measures(), sources=KINDS, default_sources=KINDS)
    assert loaded.catalogue is not None, loaded.faults
    return loaded.catalogue


KEYS = tuple(shipped().key_results)


def test_what_was_put_in_force_does_not_differ_from_its_files(tmp_path: Path) -> None:
    store = made(tmp_path / "syncd.db")
    put_in_force(
        store,
        shipped(),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=datetime(2026, 2, 1, tzinfo=UTC),
    )
    with store.read() as connection:
        in_force = of_store(connection)
    store.close()

    assert len(in_force.key_results) == len(KEYS) > 100
    assert differences(in_force, of_catalogues([shipped()])) == []


@given(
    removed=st.sets(st.sampled_from(KEYS), max_size=5),
    retitled=st.sets(st.sampled_from(KEYS), max_size=5),
)
def test_exactly_what_was_edited_is_told_and_backwards_the_opposite(
    removed: set[str], retitled: set[str]
) -> None:
    edited = replace(
        shipped(),
        key_results={
            key: replace(kr, title=f"{kr.title} anew") if key in retitled else kr
            for key, kr in shipped().key_results.items()
            if key not in removed
        },
    )

    found = differences(of_catalogues([shipped()]), of_catalogues([edited]))
    back = differences(of_catalogues([edited]), of_catalogues([shipped()]))

    how = {one.key: one.how for one in found}
    assert how == dict.fromkeys(retitled, How.CHANGED) | dict.fromkeys(removed, How.REMOVED)
    opposite = {How.REMOVED: How.ADDED, How.CHANGED: How.CHANGED}
    assert {one.key: one.how for one in back} == {key: opposite[its] for key, its in how.items()}


class TestFields:
    SCAN = scanned("completeness")

    def edited(self, **more: object) -> tuple[FieldChange, ...]:
        before = catalogue([self.SCAN], [key_result("a-o1-kr1", self.SCAN)])
        after = catalogue([self.SCAN], [key_result("a-o1-kr1", self.SCAN, **more)])
        (found,) = differences(of_catalogues([before]), of_catalogues([after]))
        assert (found.kind, found.how) == (Kind.KEY_RESULT, How.CHANGED)
        return found.fields

    def test_a_target_is_told_with_all_that_stands_beside_its_goal(self) -> None:
        target = Target(TargetType.INCREASE, goal=0.95, start=0.19, stretch=0.99)

        assert self.edited(target=target) == (
            FieldChange("target", "at least 100 %", "increase to 95 %, from 19 %, stretch 99 %"),
        )

    def test_a_relative_goal_and_points_are_told_apart(self) -> None:
        relative = Target(TargetType.DECREASE, by=0.4, by_relative=True, start_period="2025-Q4")
        points = Target(TargetType.INCREASE, by=0.1)

        assert self.edited(target=relative)[0].after == "decrease by 40 %, from 2025-Q4"
        assert self.edited(target=points)[0].after == "increase by 10 points"

    def test_a_due_date_is_the_day_in_the_timezone(self) -> None:
        due = datetime(2026, 3, 16, 7, tzinfo=UTC) - timedelta(microseconds=1)

        assert self.edited(due=due) == (FieldChange("due", "31 Mar 2026", "15 Mar 2026"),)

    def test_several_fields_stand_in_one_difference(self) -> None:
        names = [one.name for one in self.edited(owner=(), weight=2.0, page=True, note="new")]

        assert names == ["owner", "weight", "pages", "note"]


class TestIndicators:
    def test_one_whose_parts_are_defined_anew_is_told_although_its_own_words_are_the_same(
        self,
    ) -> None:
        def of(query: str) -> Catalogue:
            part, other = numbered("part", query=query), numbered("other", query="other")
            whole = combined("whole", Combining.SUM, part, other)
            return catalogue([part, other, whole], [key_result("a-o1-kr1", whole)])

        found = differences(of_catalogues([of("up")]), of_catalogues([of("down")]))

        assert [(one.key, [field.name for field in one.fields]) for one in found] == [
            ("part", ["query"]),
            ("whole", ["what it is made of"]),
        ]

    def test_two_that_swap_their_names_are_both_changed(self) -> None:
        one, other = numbered("one", query="x"), numbered("other", query="y")
        before = catalogue([one, other], [key_result("a-o1-kr1", one)])
        after = catalogue(
            [replace(one, name="other"), replace(other, name="one")],
            [key_result("a-o1-kr1", one)],
        )

        found = differences(of_catalogues([before]), of_catalogues([after]))

        assert {one.key for one in found if one.kind is Kind.INDICATOR} == {"one", "other"}
