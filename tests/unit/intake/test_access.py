"""Who may write."""

from __future__ import annotations

import pytest

from syncd.intake.access import Access, NotAllowed, WritingIsOff

TOKEN = "a token of this installation"


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer  {TOKEN} "])
def test_who_sends_the_token_may_write(header: str) -> None:
    Access(TOKEN).check(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        "Bearer \udcff",
    ],
)
def test_nobody_else_may(header: str | None) -> None:
    with pytest.raises(NotAllowed) as refused:
        Access(TOKEN).check(header)

    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer None"])
def test_without_a_token_nobody_may_and_the_words_say_how_to_set_one(header: str | None) -> None:
    with pytest.raises(WritingIsOff, match="SYNCD_API_TOKEN_FILE"):
        Access().check(header)


def test_the_token_is_never_printed() -> None:
    assert TOKEN not in repr(Access(TOKEN))
