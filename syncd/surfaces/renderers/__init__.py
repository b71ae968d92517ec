"""Answers that are made in processes beside the one that serves and works
(`docs/decisions/0047-answers-are-made-in-a-process-of-their-own.md`).
"""

from syncd.surfaces.renderers.beside import Beside
from syncd.surfaces.renderers.making import Asked, work_with
from syncd.surfaces.renderers.pool import Pools, Renderers
from syncd.surfaces.renderers.scrapes import Scrapes

__all__ = ["Asked", "Beside", "Pools", "Renderers", "Scrapes", "work_with"]
