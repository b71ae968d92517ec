"""The connectors that are installed, found by their entry points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from connectors.base import Connector, Measure

GROUP = "syncd.connectors"


@cache
def connectors() -> Mapping[str, Connector]:
    """Every installed connector by its kind. Raises RuntimeError when two claim one kind."""
    found: dict[str, Connector] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        connector: Connector = entry.load()
        if connector.kind in found:
            raise RuntimeError(
                f"two installed packages offer a connector for {connector.kind!r} "
                f"(the second is {entry.value}); uninstall one"
            )
        found[connector.kind] = connector
    return found


def measures() -> dict[str, type[Measure]]:
    """Every measure of every connector by its name (``netbox.completeness``)."""
    return {
        name: measure
        for connector in connectors().values()
        for name, measure in connector.measures.items()
    }
