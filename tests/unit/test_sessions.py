"""A session is opened anew under those that use it, and none is left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from connectors.base import (
    Batch,
    Dimension,
    Identity,
    Number,
    NumberPlan,
    Plan,
    ScanJob,
    SourceConfig,
)
from syncd.sessions import RenewableSession

NOW = datetime(2026, 2, 1, tzinfo=UTC)
PLAN = NumberPlan("jira", {}, Dimension.COUNT)


class Opened:
    """A source that answers with its token, and knows whether it is open."""

    def __init__(self, config: SourceConfig) -> None:
        self.token = config.secrets["token"]
        self.closed = False

    def identify(self, deadline: float) -> Identity:
        return Identity(account=self.token, version="1")

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        raise NotImplementedError

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        raise NotImplementedError

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        for moment in moments:
            yield Number(0.0, moment, raw={"token": self.token, "closed": self.closed})

    def link(self, plan: Plan) -> str | None:
        return f"https://{self.token}"

    def close(self) -> None:
        self.closed = True


class Source:
    """Remembers every session that was opened."""

    def __init__(self) -> None:
        self.opened: list[Opened] = []
        self.session = RenewableSession(self._open, self.config("first"))

    def _open(self, config: SourceConfig) -> Opened:
        self.opened.append(Opened(config))
        return self.opened[-1]

    @staticmethod
    def config(token: str) -> SourceConfig:
        return SourceConfig("jira", "jira", "https://x.example.org", {"token": token})

    def renew(self, token: str) -> None:
        self.session.renew(self.config(token))

    def begin(self) -> Iterator[Number]:
        """A call that is under way."""
        found = self.session.history(PLAN, [NOW, NOW], 0.0)
        next(found)
        return found

    def closed(self) -> list[bool]:
        return [one.closed for one in self.opened]


def test_what_begins_after_a_renewal_has_the_new_credentials_and_the_old_ones_are_given_up() -> (
    None
):
    source = Source()

    source.renew("second")

    assert source.session.identify(0.0).account == "second"
    assert source.session.link(PLAN) == "https://second"
    assert source.closed() == [True, False]


def test_what_is_under_way_ends_with_the_credentials_that_it_began_with() -> None:
    source = Source()
    under_way = source.begin()

    source.renew("second")
    (rest,) = under_way

    assert rest.raw == {"token": "first", "closed": False}
    assert source.closed() == [True, False]


def test_an_old_session_stays_open_until_its_last_user_is_done_and_through_further_renewals() -> (
    None
):
    source = Source()
    one, other = source.begin(), source.begin()

    source.renew("second")
    list(one)
    still = source.closed()
    source.renew("third")
    list(other)

    assert still == [False, False]
    assert source.closed() == [True, True, False]


def test_closing_closes_what_was_replaced_and_is_under_way_too() -> None:
    source = Source()
    under_way = source.begin()
    source.renew("second")

    source.session.close()

    assert source.closed() == [True, True]
    assert len(list(under_way)) == 1
