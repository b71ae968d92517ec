"""The words measures share: endpoints, filters, field paths, as authors write them. Pure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.netbox.fields import checked_path
from connectors.netbox.filters import FilterValue, checked_filter

_ENDPOINT = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+", re.ASCII)


def _checked_endpoint(text: str) -> str:
    if not _ENDPOINT.fullmatch(text) or (text.startswith("plugins.") and text.count(".") < 2):
        raise ValueError(
            f'got "{text}"; expected an endpoint as in NetBox\'s API, with a dot: dcim.devices, '
            "ipam.ip-addresses, plugins.NAME.THINGS"
        )
    return text.replace("_", "-") if not text.startswith("plugins.") else text


EndpointField = Annotated[
    str,
    AfterValidator(_checked_endpoint),
    Field(
        description="Which objects: an endpoint of NetBox's REST API, with a dot; a plugin's is "
        "plugins.NAME.THINGS.",
        examples=["dcim.devices", "ipam.prefixes", "plugins.netbox-dns.zones"],
    ),
]
FilterField = Annotated[dict[str, FilterValue], AfterValidator(checked_filter)]
FieldPath = Annotated[
    str,
    AfterValidator(checked_path),
    Field(
        description="A field as NetBox's API names it, with dots into references; cf.NAME for a "
        "custom field.",
        examples=["serial", "primary_ip4", "site.region", "cf.delivered_at"],
    ),
]
