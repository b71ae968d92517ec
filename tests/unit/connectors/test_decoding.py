"""JSON from outside: the same values as Python's own decoder, and no stack used up by bad ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.decoding import TooDeep, decoded

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values, st.booleans())
def test_an_answer_is_read_as_pythons_decoder_reads_it(value: object, ascii_only: bool) -> None:
    sent = json.dumps(value, ensure_ascii=ascii_only).encode()

    assert decoded(sent) == json.loads(sent) == value


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("levels", [2_000, 200_000])
def test_too_many_levels_are_refused_by_counting_them(opening: bytes, levels: int) -> None:
    with pytest.raises(TooDeep, match="nested too deeply") as caught:
        decoded(opening * levels)

    # Not by the end of the stack, where the finalizers of others fail.
    assert not isinstance(caught.value.__cause__, RecursionError)


@pytest.mark.parametrize("levels", [250, 900, 200_000])
def test_also_where_something_else_than_the_levels_needs_pythons_decoder(levels: int) -> None:
    with pytest.raises(TooDeep, match="nested too deeply"):
        decoded(b'["\\ud83d",' + b"[" * levels + b"]" * levels + b"]")


def test_brackets_within_texts_are_no_levels() -> None:
    text = "[{" * 1_000 + '\\"' + "[" * 1_000

    assert decoded(json.dumps(["\ud83d", text]).encode()) == ["\ufffd", text]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b'{"summary": "a\\ud83d"}', {"summary": "a\ufffd"}),
        (b'["\\udc00", {"\\ud800": 1}]', ["\ufffd", {"\ufffd": 1}]),
        (b'["\\ud83d", "\\ud83d\\ude00"]', ["\ufffd", "\N{GRINNING FACE}"]),
    ],
)
def test_half_a_character_is_read_as_one_that_cannot_be_shown(sent: bytes, read: object) -> None:
    assert decoded(sent) == read


@pytest.mark.parametrize("sent", [b"NaN", b'{"a": Infinity}', b"[-Infinity]"])
def test_numbers_that_json_does_not_have_are_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        decoded(sent)
