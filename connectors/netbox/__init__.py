"""NetBox: counts, shares, completeness, latency, keys and drift of its objects."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from connectors.base import Hook, Measure, Observer, Session, SourceConfig
from connectors.netbox.hook import NetBoxHook
from connectors.netbox.measures import Completeness, Count, Drift, Keys, Latency, Ratio
from connectors.netbox.options import NetBoxOptions

__all__ = ["NetBoxConnector", "connector"]


class NetBoxConnector:
    """The kind `netbox`: NetBox 4.0 and later (4.7 is what it is tested with)."""

    kind = "netbox"
    measures: Mapping[str, type[Measure]] = {
        "netbox.count": Count,
        "netbox.ratio": Ratio,
        "netbox.completeness": Completeness,
        "netbox.latency": Latency,
        "netbox.keys": Keys,
        "netbox.drift": Drift,
    }
    options: type[BaseModel] = NetBoxOptions
    hook: Hook | None = NetBoxHook()

    def open(self, config: SourceConfig, observer: Observer) -> Session:
        """A session with one NetBox. Asks nothing yet."""
        # here and not above: who only reads mapping files need not wait for HTTP clients
        from connectors.netbox.client import NetBoxSession

        return NetBoxSession(config, observer)


connector = NetBoxConnector()
