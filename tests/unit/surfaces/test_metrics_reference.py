"""The reference of the metrics is made from their declarations; `GOLDEN=write` makes it anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from connectors.base import Budget, Exchange
from syncd.instruments import Instruments
from syncd.surfaces.metrics.rendering import FAMILIES
from tests.golden import held
from tests.unit.surfaces.conftest import Site

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"
HEAD = "| Name | Type | Labels | Meaning |\n|---|---|---|---|\n"


def row(name: str, kind: str, labels: Sequence[str], words: str) -> str:
    return f"| `{name}` | {kind} | {', '.join(labels) or '(none)'} | {words} |\n"


def of_the_store() -> str:
    return HEAD + "".join(
        row(one.sample_name, one.kind, list(one.labels), one.words) for one in FAMILIES
    )


def of_one_process() -> str:
    instruments = Instruments(["netbox"], ["webhook:ops"])
    # what only some sources say has its labels once one has said it
    instruments.exchanged(Exchange("netbox", "GET", "/", 200, None, 0.1, 9, 1, budget=Budget(1, 2)))
    families = instruments.registry.collect()
    return HEAD + "".join(row_of(one) for one in families if one.name.startswith("syncd_"))


def row_of(family: Metric) -> str:
    labels = {label for sample in family.samples for label in sample.labels} - {"le"}
    order = [
        label
        for label in ("source", "error_type", "target", "outcome", "reason")
        if label in labels
    ]
    assert set(order) == labels
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return row(name, family.type, order, family.documentation)


def test_the_reference_is_what_is_declared() -> None:
    tables = iter([of_the_store(), of_one_process()])

    made = re.sub(
        r"\| Name \| Type .*?\n(?=\n|\Z)",
        lambda _: next(tables),
        REFERENCE.read_text(),
        flags=re.DOTALL,
    )

    held(REFERENCE, made)
    assert next(tables, None) is None


def test_what_is_served_is_what_is_declared(told: Site) -> None:
    served = {family.name for family in text_string_to_metric_families(told.metrics().text)}

    declared = {one.name + ("_info" if one.kind == "info" else "") for one in FAMILIES}
    assert declared <= served
