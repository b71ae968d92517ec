"""Writes everything that is made anew in `deploy` and `docs`: ``python -m deploy.generate``."""

from __future__ import annotations

from deploy.generate.outputs import EXAMPLE, MANIFESTS, described, rendered
from deploy.grafana.files import dashboards
from deploy.prometheus.files import rules
from deploy.reference.outputs import pages

# first what the chart itself is made of, then what is made of the chart
for path, text in (dashboards() | rules() | described() | pages()).items():
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
plain = rendered()
for path in MANIFESTS.glob("*.yaml"):
    if path != EXAMPLE and path not in plain:
        path.unlink()
for path, text in plain.items():
    path.write_text(text, encoding="utf-8")
