"""Writes everything that is made from the chart anew: ``python -m deploy.generate``."""

from __future__ import annotations

from deploy.generate.outputs import EXAMPLE, MANIFESTS, described, rendered

# first what the chart itself is made of, then what is made of the chart
for path, text in described().items():
    path.write_text(text, encoding="utf-8")
plain = rendered()
for path in MANIFESTS.glob("*.yaml"):
    if path != EXAMPLE and path not in plain:
        path.unlink()
for path, text in plain.items():
    path.write_text(text, encoding="utf-8")
