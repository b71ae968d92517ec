"""Two sets compared, key by key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Outcome
from syncd.compose import Member, matched, normalised
from tests.unit.compose.sets import LONG_AGO, NOW, member

PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING


@pytest.mark.parametrize(
    ("key", "steps", "expected"),
    [
        (" a ", ["trim"], "a"),
        ("Ab", ["lower"], "ab"),
        ("Ab", ["upper"], "AB"),
        ("node7.dc1.example.org", ["strip_domain"], "node7"),
        ("node7", ["strip_domain"], "node7"),
        ("gpu-cluster-7", ["remove:cluster-"], "gpu-7"),
        ("CLUSTER-7", ["remove:cluster-", "lower"], "cluster-7"),
        ("CLUSTER-7", ["lower", "remove:cluster-"], "7"),
        ("a", [], "a"),
    ],
)
def test_a_key_is_normalised_step_by_step_in_order(
    key: str, steps: list[str], expected: str
) -> None:
    assert normalised(key, steps) == expected


def test_a_key_of_which_nothing_is_left_stays_as_it_was() -> None:
    assert normalised("cluster", ["remove:cluster"]) == "cluster"


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(ValueError, match="capitalise") as refused:
        normalised("a", ["capitalise"])

    assert str(refused.value) == (
        "got the step 'capitalise'; expected trim, lower, upper, strip_domain or remove:TEXT"
    )


def test_both_sides_are_normalised() -> None:
    found = matched(
        [member("CB3.example.org")], [member("cb3")], normalise=["lower", "strip_domain"], now=NOW
    )

    assert found.number_of(PASS) == 1


def test_every_key_of_the_counted_side_counts_whatever_its_verdict() -> None:
    found = matched(
        [member("a", PASS), member("b", FAIL), member("c", PENDING)],
        [member("a"), member("b"), member("c")],
        now=NOW,
    )

    assert found.number_of(PASS) == 3


def test_a_key_matches_only_where_the_other_sides_verdict_passes() -> None:
    found = matched([member("a"), member("b")], [member("a", FAIL), member("b", PENDING)], now=NOW)

    assert [(key.key, key.state) for key in found.counted] == [("a", FAIL), ("b", FAIL)]
    assert [holder.outcome for holder in found.counted[0].inside] == [FAIL], (
        "that it is there and fails is told"
    )


def test_one_passing_holder_is_enough() -> None:
    found = matched(
        [member("a")],
        [member("a", FAIL, object_id="1"), member("a", PASS, object_id="2")],
        now=NOW,
    )

    assert found.number_of(PASS) == 1


def test_what_is_missing_is_listed_both_ways() -> None:
    found = matched(
        [member("a"), member("b")], [member("b"), member("c"), member("d", FAIL)], now=NOW
    )

    assert [key.key for key in found.missing] == ["a"]
    assert [key.key for key in found.extra] == ["c", "d"]


def test_keys_that_two_objects_hold_are_listed_for_each_side_and_count_once() -> None:
    found = matched(
        [member("A", object_id="1"), member("a", object_id="2"), member("b")],
        [
            member("b", object_id="3"),
            member("b", object_id="4"),
            member("x", object_id="5"),
            member("x", object_id="6"),
            member("y"),
        ],
        normalise=["lower"],
        now=NOW,
    )

    assert [(k.key, [m.object_id for m in k.of]) for k in found.twice_of] == [("a", ["1", "2"])]
    assert [k.key for k in found.twice_inside] == ["b", "x"]
    assert len(found.counted) == 2


def test_one_object_that_writes_a_key_in_two_ways_holds_it_once() -> None:
    found = matched(
        [member("A", object_id="1"), member("a", object_id="1")], [], normalise=["lower"], now=NOW
    )

    assert found.twice_of == ()
    assert len(found.counted) == 1


class TestWithin:
    DAY = timedelta(days=1)

    @pytest.mark.parametrize(
        ("after", "passed_since", "expected"),
        [
            (timedelta(hours=23), None, PENDING),
            (timedelta(hours=24), None, FAIL),
            (timedelta(hours=30), timedelta(hours=3), PASS),
            (timedelta(hours=30), timedelta(hours=24), PASS),
            (timedelta(hours=30), timedelta(hours=25), FAIL),
            (timedelta(hours=30), timedelta(hours=-3), PASS),
        ],
        ids=["still time", "too late now", "in time", "at the last moment", "late", "before"],
    )
    def test_the_other_side_has_so_long(
        self, after: timedelta, passed_since: timedelta | None, expected: Outcome
    ) -> None:
        there = [] if passed_since is None else [member("a", since=LONG_AGO + passed_since)]

        found = matched(
            [member("a", since=LONG_AGO)],
            there,
            within_seconds=self.DAY.total_seconds(),
            now=LONG_AGO + after,
        )

        assert found.counted[0].state is expected
        assert found.counted[0].due == LONG_AGO + self.DAY

    def test_of_two_that_pass_on_the_other_side_the_first_one_counts(self) -> None:
        found = matched(
            [member("a", since=LONG_AGO)],
            [
                member("a", object_id="1", since=LONG_AGO + self.DAY / 2),
                member("a", object_id="2", since=LONG_AGO + 2 * self.DAY),
            ],
            within_seconds=self.DAY.total_seconds(),
            now=NOW,
        )

        assert found.counted[0].state is PASS

    def test_of_two_holders_the_first_sets_the_deadline(self) -> None:
        found = matched(
            [
                member("a", object_id="1", since=LONG_AGO),
                member("a", object_id="2", since=LONG_AGO + self.DAY),
            ],
            [],
            within_seconds=self.DAY.total_seconds(),
            now=LONG_AGO + self.DAY,
        )

        assert found.counted[0].state is FAIL


KEYS = st.sampled_from(["a", "A", " a", "b", "B.x", "b", "c", "d", "E"])
MEMBERS = st.lists(
    st.builds(
        lambda key, outcome, number: Member(key, str(number), str(number), None, outcome, LONG_AGO),
        KEYS,
        st.sampled_from(list(Outcome)),
        st.integers(0, 9),
    ),
    max_size=12,
)
STEPS = ("trim", "lower", "strip_domain")


@given(of=MEMBERS, inside=MEMBERS)
def test_it_says_what_sets_say(of: list[Member], inside: list[Member]) -> None:
    """Against the naive model: sets of normalised keys."""
    counted = {normalised(m.key, STEPS) for m in of}
    passing = {normalised(m.key, STEPS) for m in inside if m.outcome is PASS}
    every = {normalised(m.key, STEPS) for m in inside}

    found = matched(of, inside, normalise=STEPS, now=NOW)

    assert {k.key for k in found.counted} == counted
    assert {k.key for k in found.counted if k.state is PASS} == counted & passing
    assert {k.key for k in found.missing} == counted - passing
    assert {k.key for k in found.extra} == every - counted


@given(of=MEMBERS, inside=MEMBERS, data=st.data())
def test_the_order_in_which_objects_come_changes_nothing(
    of: list[Member], inside: list[Member], data: st.DataObject
) -> None:
    shuffled = matched(data.draw(st.permutations(of)), data.draw(st.permutations(inside)), now=NOW)

    straight = matched(of, inside, now=NOW)
    assert [(k.key, k.state) for k in shuffled.counted] == [
        (k.key, k.state) for k in straight.counted
    ]
    assert [k.key for k in shuffled.extra] == [k.key for k in straight.extra]
    assert [k.key for k in shuffled.twice_of] == [k.key for k in straight.twice_of]


@given(of=MEMBERS, inside=MEMBERS, hours=st.integers(0, 48))
def test_a_deadline_never_makes_it_better(
    of: list[Member], inside: list[Member], hours: int
) -> None:
    without = matched(of, inside, now=NOW)

    limited = matched(of, inside, within_seconds=hours * 3600.0, now=NOW)

    assert limited.number_of(PASS) <= without.number_of(PASS)
