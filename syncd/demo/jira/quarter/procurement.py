"""Procurement: shipments and their notices, purchases, vendors, shortages, partners, logistics."""

from __future__ import annotations

from datetime import date, timedelta

from syncd.demo.jira.quarter.drafts import BUYERS, ENGINEERS, Book
from syncd.demo.quarter.days import DAYS
from syncd.demo.quarter.shipments import shipments

_RISKS = (
    "Single-mode fibre", "MPO trunks", "DRAM: RDIMM 96 GB", "DRAM: HBM allotment", "800G optics",
    "400G optics", "Coolant hose couplings", "Rear-door valves", "PDU breakers", "NVMe 15 TB",
    "Rack rails", "Leaf switches",
)  # fmt: skip
_PARTNERS = (
    ("Dell and Supermicro", "sell-through", "2026-02-10"),
    ("Arista", "sell-through", "2026-03-05"),
    ("Commscope and Corning", "sell-through", None),
    ("WWT", "off-site-integration", "2026-01-28"),
    ("Computacenter", "off-site-integration", "2026-02-13"),
    ("Hyve", "off-site-integration", "2026-03-20"),
)
_LOGISTICS = (
    "Warehouse lease, Stream", "Warehouse racking", "Forklift and lifts", "Torque tools",
    "Fibre cleaning kits", "Cable testers", "Labour: rack and stack, Stream",
    "Labour: cabling, Stream", "Labour: rack and stack, CB3", "Labour: cabling, CB3",
    "Site badges", "Site network for staff",
    "Laptops and scanners", "Label printers", "Shipping dock hours", "Customs broker",
    "WAN POP Buffalo: cage", "WAN POP Buffalo: cross-connects", "WAN POP Sanidine: cage",
    "WAN POP Sanidine: cross-connects", "WAN POP CB3: cage", "WAN POP CB3: cross-connects",
    "Spares store", "Returns process",
)  # fmt: skip


def deliveries(book: Book) -> None:
    """Each shipment as a delivery with its serial numbers, and its notice as an issue."""
    for shipment in shipments(book.rng_seed):
        buyer = book.rng.choice(BUYERS)
        role = shipment.units[0].role.replace("-", " ")
        delivery = book.issue(
            "PROC", shipment.ordered, buyer, "Delivery",
            f"{len(shipment.units)} x {role} from {shipment.vendor} for {shipment.site}",
            status="Ordered",
        )  # fmt: skip
        serials = ",".join(unit.serial for unit in shipment.units)
        delivery.then(shipment.shipped, buyer, status="Shipped", Serial_numbers=serials)
        received = shipment.delivered + timedelta(minutes=book.rng.randint(10, 120))
        delivery.then(received, buyer, status="Delivered")
        notice = book.issue(
            "PROC", shipment.noticed, buyer, "ASN", f"Shipping notice {shipment.asn}",
            status="Open", ASN_number=shipment.asn,
        )  # fmt: skip
        notice.then(received, buyer, status="Done")


def purchases(book: Book) -> None:
    """A hundred and twenty purchases. Numbers come within days; what is bought in February
    waits for weeks, until the backlog is cleared in March.
    """
    rng = book.rng
    for number in range(120):
        day = 1 + number * (DAYS - 3) / 120
        created = book.on(day)
        buyer = rng.choice(BUYERS)
        purchase = book.issue(
            "PROC", created, buyer, "Purchase",
            f"{rng.randint(2, 96)} x {rng.choice(('optics', 'server', 'switch', 'cable set'))}",
            status="Requested",
        )  # fmt: skip
        behind = 33 <= day <= 58
        ordered = created + book.days(0.3, 2.5)
        if behind:
            ordered = max(created + book.days(5, 12), book.on(62 + (day - 33) / 25 * 9))
        billed = ordered + (book.days(1, 4) if behind else book.days(1.5, 5))
        purchase.then(ordered, buyer, status="Ordered", PO_number=f"PO-{26000 + number}")
        if number % 29 != 17:
            purchase.then(billed, buyer, Invoice_number=f"INV-{rng.randint(10**6, 10**7)}")
        purchase.then(billed + book.days(2, 15), buyer, status="Received")


def vendors(book: Book) -> None:
    """Vendors to onboard: on paper in January, through Zip from February on."""
    for number in range(46):
        created = book.on(2 + number * 1.85)
        vendor = book.issue(
            "PROC", created, book.rng.choice(BUYERS), "Vendor onboarding",
            f"Onboard vendor {number + 1:02d}",
            status="Requested",
        )  # fmt: skip
        slow = number in (2, 6, 9, 13)
        done = created + (book.days(8.5, 12) if slow else book.days(1.2, 6.4))
        vendor.then(created + book.days(0.2, 0.9), book.rng.choice(BUYERS), status="In Progress")
        vendor.then(done, book.rng.choice(BUYERS), status="Done")


def shortages(book: Book) -> None:
    """Equipment that may run short; each has its plan before January ends."""
    for number, what in enumerate(_RISKS):
        risk = book.issue(
            "PROC", book.on(1.5 + number * 0.5), "u-greta", "Supply risk",
            f"{what}: allotment for 2026", status="Open",
        )  # fmt: skip
        plan = f"https://plans.example.com/supply/{number + 1}"
        risk.then(book.on(9 + number * 1.6), "u-greta", Mitigation_plan=plan)
        risk.then(book.on(50 + number * 3), "u-greta", status="Done")


def partners(book: Book) -> None:
    """Sell-through partners and off-site integration; five of six sign."""
    for name, label, day in _PARTNERS:
        partner = book.issue(
            "PROC", book.on(3), "u-greta", "Partnership", f"Partnership: {name}",
            labels=[label], status="Negotiating",
        )  # fmt: skip
        if day is not None:
            partner.then(book.on(date.fromisoformat(day)), "u-greta", status="Signed")


def logistics(book: Book) -> None:
    """What CB3 and Sanidine need beside machines; two points of presence are late."""
    for number, what in enumerate(_LOGISTICS):
        who = ENGINEERS[number % len(ENGINEERS)]
        task = book.issue(
            "PROC",
            book.on(2 + number / 8),
            "u-greta",
            "Task",
            what,
            labels=["logistics"],
            assignee=who,
        )
        done = 6 + number * 3.5
        task.then(book.on(max(done - 14, 4)), who, status="In Progress")
        if number not in (20, 21):
            task.then(book.on(done), who, status="Done")
