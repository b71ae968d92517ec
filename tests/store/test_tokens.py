"""Tokens that are made, used and revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from syncd.clock import ManualClock
from syncd.intake.access import Caller, Scope, digest_of
from syncd.intake.texts import Conflict, Refused, Unknown
from syncd.intake.tokens import Made, StoredTokens, make, revoke
from syncd.store.engine import Store
from syncd.store.schema import access_tokens
from syncd.store.tokens import all_tokens


def made(store: Store, clock: ManualClock, name: str = "grafana", **how: object) -> Made:
    scope = str(how.pop("scope", "read"))
    return make(store, name, scope, by="Ada", now=clock.now(), **how)  # type: ignore[arg-type]


def whose(store: Store, clock: ManualClock, one: Made) -> Caller | None:
    return StoredTokens(store, clock).find(digest_of(one.token))


def test_a_token_is_let_in_until_it_is_revoked(store: Store, clock: ManualClock) -> None:
    one, other = made(store, clock), made(store, clock, "ada", scope="write")

    assert whose(store, clock, one) == Caller("grafana", Scope.READ)
    revoke(store, "grafana", by="Bob", now=clock.now())

    assert whose(store, clock, one) is None
    assert whose(store, clock, other) == Caller("ada", Scope.WRITE)


def test_one_that_ends_by_itself_is_let_in_up_to_that_moment(
    store: Store, clock: ManualClock
) -> None:
    one = made(store, clock, lasts=timedelta(days=1))

    clock.advance(days=1, microseconds=-1)
    assert whose(store, clock, one) is not None
    clock.advance(microseconds=1)

    assert whose(store, clock, one) is None


def test_of_a_token_the_store_has_only_the_digest(store: Store, clock: ManualClock) -> None:
    one = made(store, clock)

    with store.read() as connection:
        row = connection.execute(sa.select(access_tokens)).one()

    assert one.token not in str(row)
    assert one.token.removeprefix("syncd_") not in str(row)
    assert row.digest == digest_of(one.token).hex()


def test_each_token_is_another_of_256_bits(store: Store, clock: ManualClock) -> None:
    tokens = {made(store, clock, f"one-{number}").token for number in range(20)}

    assert len(tokens) == 20
    # 32 bytes are 43 characters of base64
    assert {len(one.removeprefix("syncd_")) for one in tokens} == {43}


def test_who_made_and_who_revoked_is_kept(store: Store, clock: ManualClock) -> None:
    made(store, clock)
    begun = clock.now()
    clock.advance(hours=1)
    revoke(store, "grafana", by="Bob", now=clock.now())

    with store.read() as connection:
        (one,) = all_tokens(connection)

    assert (one.created_at, one.created_by) == (begun, "Ada")
    assert (one.revoked_at, one.revoked_by) == (clock.now(), "Bob")


def test_a_name_means_one_token_for_good(store: Store, clock: ManualClock) -> None:
    made(store, clock)
    with pytest.raises(Conflict, match="'grafana', of which a token was made before"):
        made(store, clock)
    revoke(store, "grafana", by="Bob", now=clock.now())

    with pytest.raises(Conflict, match="expected a new one"):
        made(store, clock)


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "é", "a" * 65, "a\n", "a/b"])
def test_a_name_that_will_not_do_is_refused(store: Store, clock: ManualClock, name: str) -> None:
    with pytest.raises(Refused, match="name: got"):
        made(store, clock, name)


@pytest.mark.parametrize("lasts", [timedelta(), timedelta(seconds=-1), timedelta(days=4000)])
def test_a_time_that_will_not_do_is_refused(
    store: Store, clock: ManualClock, lasts: timedelta
) -> None:
    with pytest.raises(Refused, match="expires: got"):
        made(store, clock, lasts=lasts)


def test_a_scope_that_is_none_is_refused_with_the_nearest(store: Store, clock: ManualClock) -> None:
    with pytest.raises(Refused, match="expected read, write or admin; fix: write"):
        made(store, clock, scope="wrote")


def test_revoking_what_is_not_there_is_refused_in_words(store: Store, clock: ManualClock) -> None:
    made(store, clock)
    with pytest.raises(Unknown, match="no token 'grafan'; did you mean grafana"):
        revoke(store, "grafan", by="Bob", now=clock.now())
    revoke(store, "grafana", by="Bob", now=clock.now())

    with pytest.raises(Conflict, match="revoked already"):
        revoke(store, "grafana", by="Bob", now=clock.now())


def test_whether_anybody_may_write_goes_by_tokens_in_use(store: Store, clock: ManualClock) -> None:
    tokens = StoredTokens(store, clock)
    assert not tokens.any()
    made(store, clock)
    assert (tokens.any(), tokens.any(Scope.WRITE)) == (True, False)

    made(store, clock, "ada", scope="admin", lasts=timedelta(hours=1))
    assert tokens.any(Scope.WRITE)
    clock.advance(hours=1)

    assert not tokens.any(Scope.WRITE)
