"""Who is let in by a token, and what it may do."""

from __future__ import annotations

from base64 import b64encode

import pytest

from syncd.intake.access import Access, Caller, Grant, NotAllowed, Scope, WritingIsOff

TOKEN = "a token of this installation"


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


def check(access: Access, header: str | None, needs: Scope = Scope.WRITE) -> Caller:
    """As whoever writes is checked."""
    try:
        caller: Caller | NotAllowed = access.identify(header)
    except NotAllowed as error:
        caller = error
    return access.check(caller, needs)


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer  {TOKEN} "])
def test_who_sends_the_token_may_write(header: str) -> None:
    assert check(Access(TOKEN), header).scope is Scope.WRITE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Digest {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        "Bearer \udcff",
        basic(f"{TOKEN}:"),
        basic(f"ada:{TOKEN}x"),
        f"Basic {TOKEN}",
        "Basic /w==",
    ],
)
def test_nobody_else_is_let_in(header: str | None) -> None:
    with pytest.raises(NotAllowed) as refused:
        Access(TOKEN).identify(header)

    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("header", "tried"),
    [(None, False), ("Bearer wrong", True), (basic("a:wrong"), True), ("Digest a", False)],
)
def test_only_a_wrong_token_counts_as_a_guess(header: str | None, tried: bool) -> None:
    with pytest.raises(NotAllowed) as refused:
        Access(TOKEN).identify(header)

    assert refused.value.tried is tried


def test_a_browser_gives_the_token_as_the_password_and_may_only_read_with_it() -> None:
    access = Access(TOKEN)

    assert check(access, basic(f"ada:{TOKEN}"), Scope.READ).name == "api_token"
    with pytest.raises(NotAllowed, match="got a password; expected the header"):
        check(access, basic(f"ada:{TOKEN}"), Scope.WRITE)


@pytest.mark.parametrize("has", list(Scope))
@pytest.mark.parametrize("needs", list(Scope))
def test_a_token_may_what_its_scope_and_those_before_it_may(has: Scope, needs: Scope) -> None:
    access = Access(grants=[Grant.of(TOKEN, Scope.WRITE), Grant.of("another", has, "another")])
    order = [Scope.READ, Scope.WRITE, Scope.ADMIN]

    if order.index(has) >= order.index(needs):
        assert check(access, "Bearer another", needs) == Caller("another", has)
    else:
        with pytest.raises(NotAllowed, match=f"a token for {has}; expected one for {needs}"):
            check(access, "Bearer another", needs)


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer None"])
def test_without_a_token_nobody_may_write_and_the_words_say_how_to_make_one(
    header: str | None,
) -> None:
    with pytest.raises(WritingIsOff, match="syncd token create NAME --scope write"):
        check(Access(), header)


def test_the_token_is_never_printed() -> None:
    assert TOKEN not in repr(Access(TOKEN))
    assert Grant.of(TOKEN, Scope.READ).digest.hex()[:8] not in repr(Grant.of(TOKEN, Scope.READ))
