"""The curve of a key result: what is to be drawn of it, and the drawing."""

from syncd.surfaces.curve.course import Curve, curve
from syncd.surfaces.curve.drawing import drawn

__all__ = ["Curve", "curve", "drawn"]
