"""A small organisation whose every number is known, for a real NetBox, a real Prometheus and the
sandboxes alike.

Completeness: of the eight active devices at the two sites, five have every field; one lacks a
serial, one an address, one the cable of its management port: 5 of 8. Two more do not count: one
is planned, one stands at another site.

Latency: of the seven devices with a delivery, five were tracked in time by the automation, one
was tracked by hand (it fails) and one after 30 hours (it fails): 5 of 7.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 2, 20, 20, tzinfo=UTC)
COMPLETE, ACTIVE = 5, 8
IN_TIME, DELIVERED = 5, 7
ZTP_SUCCESSES, ZTP_ATTEMPTS = 93.0, 100.0
PAGES_P0, PAGES = 3, 4
CERTIFIED, TEAM = 1, 2
PURCHASES_TRACKED, PURCHASES = 2, 3


def _device(
    number: int,
    *,
    site: str = "stream-1",
    status: str = "active",
    serial: str | None = None,
    address: bool = True,
    delivered: datetime | None = None,
    hours: float = 2.0,
    by: str = "svc-asn",
) -> dict[str, Any]:
    seen = (delivered or datetime(2026, 1, 5, 9, tzinfo=UTC)) + timedelta(hours=hours)
    stamp = seen.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": number,
        "name": f"c-{number:04}",
        "site": site,
        "role": "compute" if delivered else "pdu",
        "device_type": "x1",
        "status": status,
        "serial": f"S{number}" if serial is None else serial,
        "asset_tag": f"A{number}",
        "rack": {"stream-1": "R1", "cb3-1": "R2", "lab-1": "R3"}[site],
        "position": number,
        "face": "front",
        "primary_ip4": f"10.0.0.{number}/32" if address else None,
        "custom_fields": {"delivered_at": _text(delivered)} if delivered else {},
        "parent_bay": None,
        "created": stamp,
        "created_by": by,
        "last_updated": stamp,
        "interfaces": [
            {"id": 2 * number - 1, "name": "mgmt0", "type": "1000base-t", "mgmt_only": True},
            {"id": 2 * number, "name": "eth0", "type": "1000base-t", "mgmt_only": False},
        ],
    }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def netbox_seed() -> dict[str, Any]:
    """The NetBox of the module's words."""
    delivered = datetime(2026, 2, 2, 17, tzinfo=UTC)
    devices = [
        _device(1, delivered=delivered),
        _device(2, delivered=delivered),
        _device(3, delivered=delivered, site="cb3-1"),
        _device(4, delivered=delivered, serial=""),
        _device(5, delivered=delivered, address=False),
        _device(6, delivered=delivered, by="alice"),
        _device(7, delivered=delivered, hours=30),
        _device(8),
        _device(9, status="planned"),
        _device(10, site="lab-1", serial=""),
    ]
    # 1 lacks nothing but its management port's cable; every other compute's port is cabled
    cables = [
        {"id": n, "a": [f"c-{n:04}", "mgmt0"], "b": [f"c-{n:04}", "eth0"]} for n in range(2, 8)
    ]
    return {
        "custom_fields": [
            {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
        ],
        "users": ["svc-asn", "svc-atlas", "alice"],
        "sites": [
            {"id": 1, "name": "Stream 1", "slug": "stream-1"},
            {"id": 2, "name": "CB3 1", "slug": "cb3-1"},
            {"id": 3, "name": "Lab", "slug": "lab-1"},
        ],
        "racks": [
            {"id": 1, "name": "R1", "site": "stream-1"},
            {"id": 2, "name": "R2", "site": "cb3-1"},
            {"id": 3, "name": "R3", "site": "lab-1"},
        ],
        "roles": [
            {"id": 1, "name": "Compute", "slug": "compute"},
            {"id": 2, "name": "PDU", "slug": "pdu"},
            {"id": 3, "name": "Server", "slug": "server"},
        ],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [
            {"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme", "u_height": 1}
        ],
        "devices": devices,
        "cables": cables,
    }


def prometheus_series() -> dict[str, float]:
    """Metric names and the constant values they had around `NOW`."""
    return {
        "ztp_success_total": ZTP_SUCCESSES,
        "ztp_attempts_total": ZTP_ATTEMPTS,
        "consumables_out_of_stock": 0.0,
    }


def prometheus_history() -> str:
    """The series as OpenMetrics text, a sample a minute for an hour around `NOW`."""
    lines = []
    for name, value in prometheus_series().items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines.append(f"# TYPE {name.removesuffix('_total')} {kind}")
        for minute in range(-30, 31):
            at = (NOW + timedelta(minutes=minute)).timestamp()
            lines.append(f"{name} {value} {at:.0f}")
    return "\n".join([*lines, "# EOF", ""])


def prometheus_seed() -> dict[str, Any]:
    """The same series for the sandbox."""
    return {
        "series": [
            {
                "metric": {"__name__": name},
                "samples": [
                    [(NOW + timedelta(minutes=minute)).timestamp(), value]
                    for minute in range(-30, 31)
                ],
            }
            for name, value in prometheus_series().items()
        ]
    }


def jira_seed() -> dict[str, Any]:
    """Pages, certifications, purchases and clusters; no discovery agreements at all."""

    def issue(project: str, number: int, **fields: Any) -> dict[str, Any]:
        return {
            "key": f"{project}-{number}",
            "created": "2026-02-01T12:00:00Z",
            "reporter": "u-reader",
            "fields": {"summary": f"{project} {number}", "status": "To Do", **fields},
        }

    pages = [
        issue("ONCALL", n, issuetype="Page", priority="P0" if n <= PAGES_P0 else "P1")
        for n in range(1, PAGES + 1)
    ]
    cka = [
        issue(
            "CE", n, issuetype="Task", labels=["cka"], status="Done" if n <= CERTIFIED else "To Do"
        )
        for n in range(1, TEAM + 1)
    ]
    purchases = [
        issue(
            "PROC",
            n,
            issuetype="Purchase",
            **{
                "PO number": f"PO{n}",
                "Invoice number": f"I{n}" if n <= PURCHASES_TRACKED else None,
            },
        )
        for n in range(1, PURCHASES + 1)
    ]
    clusters = [
        issue(
            "MRKT", 1, issuetype="Task", status="Active", Customer="A", Supplier="B", Contract="C"
        ),
        issue("MRKT", 2, issuetype="Task", status="Active", Customer="A"),
    ]
    names = [
        "PO number",
        "Invoice number",
        "Customer",
        "Supplier",
        "Contract",
        "Discovery agreement",
    ]
    return {
        "title": "Jira",
        "projects": [{"key": k, "name": k} for k in ("ONCALL", "CE", "PROC", "MRKT")],
        "issue_types": [{"name": "Task"}, {"name": "Page"}, {"name": "PoC"}, {"name": "Purchase"}],
        "statuses": [
            {"name": "To Do", "category": "new"},
            {"name": "Active", "category": "indeterminate"},
            {"name": "Done", "category": "done"},
        ],
        "priorities": [{"name": "P0"}, {"name": "P1"}],
        "users": [
            {
                "accountId": "u-reader",
                "displayName": "Reader",
                "timeZone": "America/Los_Angeles",
                "emailAddress": "reader@example.org",
            }
        ],
        "custom_fields": [
            {"id": f"customfield_{10010 + n}", "name": name, "type": "string"}
            for n, name in enumerate(names)
        ],
        "issues": [*pages, *cka, *purchases, *clusters],
    }
