from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connectors.base import Batch, ScanPlan, Timeline, judge_fingerprint
from syncd.clock import ManualClock
from syncd.model import Catalogue, Indicator
from syncd.store.catalogue import put_in_force
from syncd.store.claims import Claim, claim_due, claim_whole
from syncd.store.engine import Store
from syncd.store.publish import begin, publish_scan
from tests.peers.postgres import Postgres
from tests.store.catalogues import START, Answer, Named
from tests.store.made import made


@pytest.fixture(scope="session")
def made_once(postgres: Postgres) -> str:
    """The name of a database of PostgreSQL that stands as this version makes it, to be copied."""
    name = "made_once"
    opened = Store(postgres.create_database(name))
    opened.migrate()
    opened.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database of each kind: with the schema for who asks for `store`, else empty."""
    with_schema = "store" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "syncd.db"
        if with_schema:
            made(path).close()
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("made_once") if with_schema else "template0"
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_database(template=template)
    yield url
    # Hundreds of them would fill the memory, and give the server's vacuum something to do.
    server.drop_database(url.rpartition("/")[2])


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def in_force(store: Store, clock: ManualClock) -> Callable[..., None]:
    """Puts catalogues in force, everything measured every five minutes."""

    def put(*catalogues: Catalogue) -> None:
        put_in_force(
            store,
            *catalogues,
            interval_of=lambda _: 300.0,
            link_of=lambda _: "https://netbox.example.org/?q",
            now=clock.now(),
        )

    return put


@pytest.fixture
def claim(store: Store, clock: ManualClock) -> Callable[[], list[Claim]]:
    """Claims all that is due."""

    def take() -> list[Claim]:
        return claim_due(
            store,
            now=clock.now(),
            room={"netbox": 10, "prometheus": 10, "jira": 10},
            lease_seconds=60,
            full_every_seconds=86_400,
        )

    return take


Publish = Callable[[Claim, Batch], None]
Fill = Callable[..., None]


@pytest.fixture
def publish(store: Store, clock: ManualClock) -> Publish:
    """Publishes a run of one batch for the judge named `complete`, observed and read now."""

    def do(claim: Claim, last: Batch, now: datetime | None = None) -> None:
        begin(store, claim)
        at = now or clock.now()
        judges = (judge_fingerprint(Named("complete")),)
        publish_scan(store, claim, judges, last, observed_at=at, now=at)

    return do


@pytest.fixture
def fill(store: Store, clock: ManualClock, publish: Publish) -> Fill:
    """Claims the scope that an indicator reads, due or not, and publishes what a full read brings."""

    def do(indicator: Indicator, timelines: list[Timeline], *, partial: bool = False) -> None:
        assert isinstance(indicator.plan, ScanPlan)
        taken = claim_whole(
            store, indicator.plan.scope.fingerprint, now=clock.now(), lease_seconds=60
        )
        assert taken is not None, "somebody else reads it"
        publish(taken, Answer(timelines, partial).last())

    return do
