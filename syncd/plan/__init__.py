"""What edited mapping files would change, before they are applied: definitions, numbers, statuses
and requests. It reads the store in force, and writes nothing to it.
"""

from syncd.plan.differences import Difference, FieldChange, How, Kind, differences
from syncd.plan.document import plan_document
from syncd.plan.planning import Cost, Movement, Plan, Standing, make_plan

__all__ = [
    "Cost",
    "Difference",
    "FieldChange",
    "How",
    "Kind",
    "Movement",
    "Plan",
    "Standing",
    "differences",
    "make_plan",
    "plan_document",
]
