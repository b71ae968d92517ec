"""NetBox's webhooks: whether one is genuine, and which scopes it may concern. Pure.

A webhook (NetBox's documentation, "Webhooks") carries ``X-Hook-Signature``, the HMAC-SHA512 of
the body in hexadecimal under the webhook's secret. Its body has `event`, `timestamp`, `username`,
`request_id`, `data`, `snapshots`, and names the type of the object: `object_type`
(``dcim.device``; 4.4 and later), and before that `model` (``device``) alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence

from connectors.base import Json
from connectors.netbox.relations import (
    CABLE,
    CABLE_END,
    JOURNAL_ENTRY,
    LISTS,
    POINTERS,
    REFERENCES,
    object_type,
)

SIGNATURE = "x-hook-signature"

_PLAIN = frozenset(
    [
        "airflow",
        "asset_tag",
        "created",
        "description",
        "face",
        "has_oob_ip",
        "has_primary_ip",
        "last_updated",
        "name",
        "position",
        "serial",
        "status",
        "tag",
    ]
)
"""Filters that look at the object itself, or at what its related types tell of."""


_MARKS = ("extras.tag", "extras.customfield", "extras.customfieldchoiceset")
"""Types that every object is described with."""


class NetBoxHook:
    """Reads the notices of NetBox's webhooks."""

    def authentic(self, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the body was signed with the secret."""
        if not secret:
            return False
        expected = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
        given = headers.get(SIGNATURE, "").strip().lower()
        return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))

    def touches(self, scope: Mapping[str, Json], judges: Sequence[Json], notice: Json) -> bool:
        """Whether the object's type is the scope's own, one that it is read with, or one that a
        filter leads through. In doubt (an endpoint without known relations, a filter that may lead
        anywhere, a notice without a type) the scope is concerned.
        """
        named = _type_of(notice)
        endpoint = scope.get("endpoint", scope.get("count"))
        if named is None or not isinstance(endpoint, str) or endpoint not in REFERENCES:
            return True
        model = named.rpartition(".")[2]
        if any(known.rpartition(".")[2] == model for known in _related(endpoint)):
            return True
        told = [scope, *(judge for judge in judges if isinstance(judge, Mapping))]
        if any(isinstance(one.get("expected"), Mapping) for one in told):
            return True
        filters = [one.get(name) for one in told for name in ("filter", "passing")]
        keys = {key for one in filters if isinstance(one, Mapping) for key in one}
        return any(_leads_through(str(key), endpoint) for key in keys)


def _leads_through(key: str, endpoint: str) -> bool:
    """Whether the filter may look at objects beyond those the endpoint is related to."""
    base = key.partition("__")[0]
    plain = base.startswith("cf_") or base in _PLAIN
    return not plain and base.removesuffix("_id") not in REFERENCES[endpoint]


def _type_of(notice: Json) -> str | None:
    """``app.model`` or ``model`` in small letters; None where the notice does not say."""
    if not isinstance(notice, Mapping):
        return None
    for key in ("object_type", "model"):
        value = notice.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip().lower()
    return None


def _related(endpoint: str) -> Iterator[str]:
    yield object_type(endpoint)
    yield from (CABLE, CABLE_END, JOURNAL_ENTRY, *_MARKS)
    for lists in LISTS.get(endpoint, {}).values():
        yield object_type(lists.endpoint)
    for reference in REFERENCES[endpoint].values():
        yield object_type(reference.endpoint)
    for pointer in POINTERS.get(endpoint, {}).values():
        yield object_type(pointer.endpoint)
