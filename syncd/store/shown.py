"""Which key results readers may ask for."""

from __future__ import annotations

import sqlalchemy as sa

from syncd.store.schema import final_scores, key_results


def shown() -> sa.ColumnElement[bool]:
    """Of the key results those that readers may ask for: what is measured and judged, and what is
    told for good because its period is closed.
    """
    frozen = sa.select(final_scores.c.key_result)
    return sa.or_(key_results.c.active, key_results.c.key.in_(frozen))
