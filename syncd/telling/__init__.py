"""Which changes of an assessment are worth telling, and in what words. Pure."""

from syncd.telling.changes import Found, told
from syncd.telling.statuses import LOST

__all__ = ["LOST", "Found", "told"]
