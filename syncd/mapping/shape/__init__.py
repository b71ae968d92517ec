"""The shape of mapping files, piece by piece: which keys there are and what each one holds.

Each piece is checked by itself, so that a fault in one hides nothing of another. What a shape
cannot say (dates, quantities, references) is checked where it is resolved.
"""

from syncd.mapping.shape.around import (
    BusinessHoursShape,
    CalendarShape,
    DefaultsShape,
    FreezeShape,
    JudgementShape,
    PeriodShape,
    PlausibleDefaultsShape,
)
from syncd.mapping.shape.files import (
    FILES,
    ExternalShape,
    OrganisationFile,
    TeamFile,
    VariablesFile,
)
from syncd.mapping.shape.objective import (
    AbandonedShape,
    BesideShape,
    CarriedShape,
    DuplicateShape,
    JointShape,
    KeyResultShape,
    ObjectiveShape,
    RollupShape,
)
from syncd.mapping.shape.target import GuardShape, TargetShape
from syncd.mapping.shape.words import PIECE, Shape

__all__ = [
    "FILES",
    "PIECE",
    "AbandonedShape",
    "BesideShape",
    "BusinessHoursShape",
    "CalendarShape",
    "CarriedShape",
    "DefaultsShape",
    "DuplicateShape",
    "ExternalShape",
    "FreezeShape",
    "GuardShape",
    "JointShape",
    "JudgementShape",
    "KeyResultShape",
    "ObjectiveShape",
    "OrganisationFile",
    "PeriodShape",
    "PlausibleDefaultsShape",
    "RollupShape",
    "Shape",
    "TargetShape",
    "TeamFile",
    "VariablesFile",
]
