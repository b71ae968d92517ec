"""Answers that are made in processes beside the one that serves and works
(`docs/decisions/0047-answers-are-made-in-a-process-of-their-own.md`).
"""

from syncd.surfaces.renderers.beside import Beside
from syncd.surfaces.renderers.following import Following
from syncd.surfaces.renderers.making import work_with
from syncd.surfaces.renderers.pool import Renderers
from syncd.surfaces.renderers.pools import Pools
from syncd.surfaces.renderers.publishing import publish_with
from syncd.surfaces.renderers.scrapes import Scrapes

__all__ = [
    "Beside",
    "Following",
    "Pools",
    "Renderers",
    "Scrapes",
    "publish_with",
    "work_with",
]
