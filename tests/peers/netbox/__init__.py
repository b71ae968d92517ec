"""A real NetBox for the tests, and the seed format it shares with the sandbox NetBox.

A seed is JSON. Times are ISO 8601 with ``Z``, ``id`` is the primary key, a reference is given by
slug or name, every list may be left out::

    {"custom_fields": [{"name": "delivered_at", "type": "datetime",
                        "object_types": ["dcim.device"]}],
     "users": ["svc-asn", "alice"],
     "sites": [{"id": 1, "name": "Stream 1", "slug": "stream-1"}],
     "racks": [{"id": 1, "name": "R1", "site": "stream-1"}],
     "roles": [{"id": 1, "name": "Compute", "slug": "compute"}],
     "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
     "device_types": [{"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme",
                       "u_height": 1}],
     "devices": [{"id": 1, "name": "c-0001", "site": "stream-1", "role": "compute",
                  "device_type": "x1", "status": "active", "serial": "S1", "asset_tag": "A1",
                  "rack": "R1", "position": 1, "face": "front", "primary_ip4": "10.0.0.1/32",
                  "custom_fields": {"delivered_at": "2026-01-05T09:00:00Z"},
                  "parent_bay": {"device": "chassis-1", "bay": "bay-1"},
                  "created": "2026-01-05T12:00:00Z", "created_by": "svc-asn",
                  "last_updated": "2026-01-05T12:00:00Z",
                  "interfaces": [{"id": 1, "name": "mgmt0", "type": "1000base-t",
                                  "mgmt_only": true}]}],
     "cables": [{"id": 1, "a": ["c-0001", "mgmt0"], "b": ["sw-1", "p1"]}]}

``asset_tag``, ``rack``, ``position``, ``face``, ``primary_ip4`` and ``parent_bay`` may be null. An
address is assigned to the device's management interface, or else to its first one. A device type
that has a blade in a bay becomes a parent type, the blade's own a child type of height 0.
"""

from tests.peers.netbox.server import NetBox

__all__ = ["NetBox"]
