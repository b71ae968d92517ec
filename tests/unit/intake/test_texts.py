"""What people write: taken on one line, or refused with what is wrong with it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.intake.texts import Refused, known, text


@pytest.mark.parametrize("given", ["a\n b", " a\tb\r\n", "a\u2028b", "a\u00a0b"])
def test_white_space_becomes_one_space(given: str) -> None:
    assert text("note", given, 3) == "a b"


@pytest.mark.parametrize("given", ["Zoë 👩‍🚀 “quotes” <b>", "نسخه", "日本"])
def test_any_script_is_taken_as_it_is(given: str) -> None:
    assert text("note", given, 80) == given


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("a\0b", "U+0000"),
        ("\x1b[31mred", "U+001B"),
        ("a\x7f", "U+007F"),
        ("a\x9b", "U+009B"),
        ("\ud800", "U+D800"),
        ("gpj.\u202eexe", "U+202E"),
    ],
)
def test_characters_that_nobody_sees_are_refused_by_their_number(given: str, told: str) -> None:
    with pytest.raises(Refused, match=rf"^by: got the control character {told.replace('+', '.')}"):
        text("by", given, 80)


@pytest.mark.parametrize("given", ["", " \n", "x" * 11])
def test_nothing_and_too_much_are_refused(given: str) -> None:
    with pytest.raises(Refused, match=r"note: got .* characters; expected 1 to 10"):
        text("note", given, 10)


@given(st.text(max_size=30))
def test_what_is_taken_is_one_line_that_can_be_stored(given: str) -> None:
    try:
        found = text("note", given, 20)
    except Refused:
        return

    assert 0 < len(found) <= 20
    assert text("note", found, 20) == found
    assert found.encode()
    assert all(unicodedata.category(one) != "Cc" for one in found)


def test_a_word_far_from_all_gets_no_advice() -> None:
    with pytest.raises(Refused) as refused:
        known("state", "x", ["on_track", "at_risk", "done"])

    assert str(refused.value) == "state: got 'x'; expected on_track, at_risk or done"
