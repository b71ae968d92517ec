"""Depot: what spare parts there are, and how many."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from connectors.base import Connector, Hook, Measure, Observer, Session, SourceConfig
from syncd_depot.measures import Level, Tested


class DepotOptions(BaseModel):
    """Settings of a Depot source beyond those of every source: there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DepotConnector:
    """Opens Depot sources."""

    kind: str = "depot"
    measures: Mapping[str, type[Measure]] = {"depot.level": Level, "depot.tested": Tested}
    options: type[BaseModel] = DepotOptions
    hook: Hook | None = None

    def open(self, config: SourceConfig, observer: Observer) -> Session:
        """A session; does no I/O. Raises ValueError for settings that cannot work."""
        # here and not above: who only reads mapping files need not wait for an HTTP client
        from syncd_depot.session import DepotSession

        return DepotSession(config, observer)


connector: Connector = DepotConnector()
