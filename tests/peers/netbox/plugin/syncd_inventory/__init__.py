"""The smallest NetBox plugin: one list of its own, so that plugin endpoints can be tested.

It has no model and needs no migration: the list shows NetBox's manufacturers.
"""

from netbox.plugins import PluginConfig  # type: ignore[import-not-found]


class InventoryConfig(PluginConfig):  # type: ignore[misc]
    """What NetBox must know of the plugin."""

    name = "syncd_inventory"
    verbose_name = "Inventory for syncd's tests"
    version = "1.0"
    base_url = "inventory"


config = InventoryConfig
