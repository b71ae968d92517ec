"""When the values of a label were there, and what is said of them."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Outcome
from connectors.prometheus.labels import LabelJudge, row_of, spells_of

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


sets = st.frozensets(st.sampled_from("abcd"))


@given(st.lists(sets, max_size=12), sets)
def test_at_each_moment_those_have_a_spell_who_were_seen_then(
    seen: list[frozenset[str]], present: frozenset[str]
) -> None:
    now = at(len(seen))
    moments = [(at(n), values) for n, values in enumerate(seen)]

    found = dict(spells_of(moments, present, now))

    expected: list[tuple[datetime, Collection[str]]] = [*moments, (now, present)]
    for moment, values in expected:
        held = {
            value
            for value, spells in found.items()
            if any(begin <= moment and (end is None or moment < end) for begin, end in spells)
        }
        assert held == values
    for spells in found.values():
        ends = [end for _, end in spells]
        assert None not in ends[:-1]
        assert all(
            end is not None and end < begin for (_, end), (begin, _) in itertools.pairwise(spells)
        )


def test_a_value_is_a_verdict_for_each_spell_and_its_own_key() -> None:
    row = row_of("stream-1", T0, [(at(1), at(5)), (at(9), None)])

    timeline = LabelJudge().judge(row, at(10))

    assert (timeline.object_id, timeline.label, timeline.since) == ("stream-1", "stream-1", T0)
    assert [(v.valid_from, v.valid_to) for v in timeline.verdicts] == [
        (at(1), at(5)),
        (at(9), None),
    ]
    assert {v.outcome for v in timeline.verdicts} == {Outcome.PASS}
    assert {v.keys for v in timeline.verdicts} == {("stream-1",)}


def test_a_whole_history_has_no_since() -> None:
    assert LabelJudge().judge(row_of("a", None, []), T0).since is None
