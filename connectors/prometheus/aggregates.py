"""What is made of the values of a query over a window. Pure."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"(>=|<=|==|!=|>|<) ?(-?\d+(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True)
class Condition:
    """A comparison with a number, as in `> 0.9`."""

    comparison: str
    bound: float

    @classmethod
    def of(cls, text: str) -> Condition:
        """What the author wrote. Raises ValueError that says what to write."""
        match = _CONDITION.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f'got "{text}"; expected a comparison with what the query gives, such as "> 0.9" '
                "(one of > >= < <= == !=, then a number without a unit)"
            )
        return cls(match[1], float(match[2]))

    def holds(self, value: float) -> bool:
        """Whether it holds of a value."""
        return _COMPARISONS[self.comparison](value, self.bound)


def _checked(text: str) -> str:
    Condition.of(text)
    return text


class PercentileOf(BaseModel):
    """A percentile over the moments of the window: the nearest rank, a value that was there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    percentile: float = Field(gt=0, le=100, description="Which one, such as 95.", examples=[95])


class ShareOf(BaseModel):
    """The share of the time for which a condition holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    share: Annotated[str, AfterValidator(_checked)] = Field(
        description="The condition: a comparison with what the query gives, in its own unit.",
        examples=["> 0.9", "== 0"],
    )


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    # Said as pydantic says it of text: an author who wrote a mapping meant one of the others.
    raise PydanticCustomError("string_type", "expected text")


Simple = Annotated[Literal["avg", "max", "min", "last"], BeforeValidator(_text)]
Aggregated = Simple | PercentileOf | ShareOf


@dataclass(frozen=True)
class Result:
    """The value, in the query's own unit (a share: 0..1, with the moments it holds and all)."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None


def aggregated(how: Aggregated, values: Sequence[float]) -> Result:
    """What becomes of finite values in the order of their moments; nothing of no values."""
    if not values:
        return Result(None)
    if isinstance(how, ShareOf):
        condition = Condition.of(how.share)
        held = sum(condition.holds(value) for value in values)
        return Result(held / len(values), float(held), float(len(values)))
    if isinstance(how, PercentileOf):
        # 99.9 % of 1000 is the 999th, whatever the last bits of the product say
        rank = math.ceil(round(how.percentile * len(values) / 100, 9))
        return Result(sorted(values)[max(rank, 1) - 1])
    if how == "avg":
        return Result(_mean(values))
    return Result({"max": max(values), "min": min(values), "last": values[-1]}[how])


def _mean(values: Sequence[float]) -> float | None:
    try:
        return math.fsum(values) / len(values)
    except OverflowError:  # the sum is too large to say
        return None
