"""The executive summary of a moment: what it is made from, the document, and its formats.

`gather` reads the store, `build` makes the document of it (pure), and the modules `markdown`,
`html` and `pdf` render it.
"""

from syncd.store.periods import NoSuchPeriod
from syncd.surfaces.report.building import NoSuchTeam, build
from syncd.surfaces.report.document import Report
from syncd.surfaces.report.material import Material, gather

__all__ = ["Material", "NoSuchPeriod", "NoSuchTeam", "Report", "build", "gather"]
