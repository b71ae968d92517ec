"""Coverage: a share as old as its older side, partial where a side is, doubted where one shrank."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Outcome
from syncd.compose import Composed, Member, Side, coverage
from syncd.model import Coverage
from tests.unit.compose.sets import LONG_AGO, NOW, member, side

SPEC = Coverage(of="active", inside="board")
HOUR = timedelta(hours=1)


def many(number: int) -> list[Member]:
    return [member(f"k{n:03}") for n in range(number)]


def composed(of: Side, inside: Side, memory: object = None, spec: Coverage = SPEC) -> Composed:
    # memory goes through JSON, as it does in the store
    found = coverage(spec, of, inside, now=NOW, memory=json.loads(json.dumps(memory)))
    assert found is not None
    return found


def test_the_share_of_keys_that_the_other_side_has() -> None:
    found = composed(side(member("a"), member("b"), member("c")), side(member("a"), member("x")))

    assert (found.value, found.numerator, found.denominator, found.objects) == (1 / 3, 1, 3, 3)
    assert found.details == {"missing": 2, "extra": 1, "twice": {"of": 0, "inside": 0}}


def test_what_is_measured_whole_is_neither_approximate_nor_a_lower_bound() -> None:
    found = composed(side(member("a")), side(member("a")))

    assert (found.complete, found.approximate, found.lower_bound) == (True, False, False)


def test_keys_that_two_objects_hold_are_counted_for_each_side() -> None:
    twice = [member("a", object_id="1"), member("a", object_id="2")]

    found = composed(side(*twice), side(*twice, member("b"), member("b", object_id="3")))

    assert found.details["twice"] == {"of": 1, "inside": 2}


def test_keys_are_compared_as_the_author_has_them_normalised() -> None:
    spec = Coverage("active", "board", normalise=("lower",))

    assert composed(side(member("A")), side(member("a")), spec=spec).value == 1.0
    assert composed(side(member("A")), side(member("a"))).value == 0.0


def test_what_is_pending_is_missing_and_counts_neither_for_nor_against() -> None:
    spec = Coverage("active", "board", within_seconds=86_400)
    sides = side(member("a"), member("b"), member("c", since=NOW)), side(member("a"))

    found = composed(*sides, spec=spec)

    assert (found.value, found.numerator, found.denominator) == (0.5, 1, 2)
    assert (found.pending, found.objects, found.details["missing"]) == (1, 3, 2)
    assert found.next_transition_at == NOW + timedelta(days=1)


def test_nothing_to_cover_is_no_value() -> None:
    found = composed(side(), side(member("a")))

    assert found.value is None
    assert found.denominator == 0


def test_it_is_as_old_as_the_older_of_its_sides() -> None:
    older = NOW - timedelta(hours=3)

    assert composed(side(observed_at=older), side()).observed_at == older
    assert composed(side(), side(observed_at=older)).observed_at == older


def test_nothing_can_be_said_while_a_side_has_no_reading() -> None:
    assert coverage(SPEC, side(observed_at=None), side(), now=NOW, memory=None) is None
    assert coverage(SPEC, side(), side(observed_at=None), now=NOW, memory=None) is None


def test_a_partial_side_makes_it_partial() -> None:
    assert not composed(side(complete=False), side()).complete
    assert not composed(side(), side(complete=False)).complete


def test_a_pending_key_moves_it_when_its_deadline_passes() -> None:
    spec = Coverage("active", "board", within_seconds=86_400)
    young, younger = NOW - timedelta(hours=20), NOW - timedelta(hours=2)

    found = composed(side(member("a", since=young), member("b", since=younger)), side(), spec=spec)

    assert (found.pending, found.denominator, found.value) == (2, 0, None)
    assert found.next_transition_at == young + timedelta(days=1)


class TestASideThatShrank:
    def after(self, before: int, now: int, **more: object) -> Composed:
        memory = composed(side(*many(10)), side(*many(before))).memory
        return composed(side(*many(10)), side(*many(now), **more), memory)  # type: ignore[arg-type]

    def test_is_doubted(self) -> None:
        found = self.after(10, 7)

        assert not found.complete
        assert found.value == 0.7
        assert found.details["doubts"] == [
            "a side has 7 keys, after 10; this is believed once it has lasted"
        ]

    def test_is_believed_where_it_lost_no_more_than_its_share(self) -> None:
        assert self.after(10, 8).complete

    def test_is_believed_at_once_where_it_grew(self) -> None:
        assert self.after(7, 10).complete

    def test_counted_side_is_doubted_too_although_the_share_is_better(self) -> None:
        memory = composed(side(*many(10)), side(*many(5))).memory

        found = composed(side(*many(5)), side(*many(5)), memory)

        assert found.value == 1.0
        assert not found.complete

    def test_is_believed_once_the_smaller_size_has_lasted(self) -> None:
        memory = self.after(10, 5, observed_at=NOW).memory
        still = composed(
            side(*many(10)), side(*many(5), observed_at=NOW + HOUR - timedelta(seconds=1)), memory
        )
        lasted = composed(side(*many(10)), side(*many(5), observed_at=NOW + HOUR), still.memory)

        assert not still.complete
        assert lasted.complete
        assert lasted.memory is not None
        assert lasted.memory["inside"] == {"size": 5, "doubt": None}

    def test_must_last_three_intervals_where_these_are_long(self) -> None:
        memory = self.after(10, 5, observed_at=NOW).memory
        slow = {"interval_seconds": 3600.0}

        def later(hours: int) -> Composed:
            moment = NOW + timedelta(hours=hours)
            return composed(side(*many(10)), side(*many(5), observed_at=moment, **slow), memory)  # type: ignore[arg-type]

        assert not later(2).complete
        assert later(3).complete

    def test_that_was_read_no_more_since_is_doubted_however_late_it_is(self) -> None:
        doubted = self.after(10, 5, observed_at=NOW)

        again = composed(
            side(*many(10), observed_at=NOW + 9 * HOUR),
            side(*many(5), observed_at=NOW),
            doubted.memory,
        )

        assert not again.complete

    def test_is_doubted_no_more_when_it_is_back(self) -> None:
        memory = self.after(10, 5).memory

        assert composed(side(*many(10)), side(*many(9)), memory).complete

    def test_that_shrinks_again_is_doubted_afresh(self) -> None:
        first = self.after(10, 7, observed_at=NOW)
        second = composed(
            side(*many(10)), side(*many(2), observed_at=NOW + 0.9 * HOUR), first.memory
        )
        third = composed(
            side(*many(10)), side(*many(2), observed_at=NOW + 1.1 * HOUR), second.memory
        )

        assert not third.complete

    def test_by_a_partial_run_is_not_remembered(self) -> None:
        memory = composed(side(*many(10)), side(*many(10))).memory

        partial = composed(side(*many(10)), side(*many(3), complete=False), memory)

        assert partial.memory == memory


def members(*outcomes: Outcome) -> st.SearchStrategy[list[Member]]:
    return st.lists(
        st.builds(
            lambda n, outcome: member(f"k{n}", outcome, since=LONG_AGO),
            st.integers(0, 20),
            st.sampled_from(outcomes),
        ),
        max_size=15,
    )


ALL = members(*Outcome)


@given(of=ALL, inside=ALL, before_of=ALL, before_inside=ALL, partial=st.booleans())
def test_doubt_and_partiality_only_take_away(
    of: list[Member],
    inside: list[Member],
    before_of: list[Member],
    before_inside: list[Member],
    partial: bool,
) -> None:
    """They never change the value, and never make complete what was not."""
    plain = composed(side(*of), side(*inside))
    memory = composed(side(*before_of), side(*before_inside)).memory

    doubted = composed(side(*of, complete=not partial), side(*inside), memory)

    assert (doubted.value, doubted.numerator, doubted.denominator) == (
        plain.value,
        plain.numerator,
        plain.denominator,
    )
    assert plain.complete
    assert not (partial and doubted.complete)
