"""What an author declares of an indicator's numbers, so that one that cannot be is not believed."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Json = Any

SHARE: Final = r"^(100|[0-9]{1,2}(\.[0-9]+)?) %$"
"""A share of at most the whole, as authors write it."""

_PATTERN = r"^-?[0-9]+(\.[0-9]+)?( [A-Za-z%][A-Za-z0-9%/]*)?$"
_Quantity = Annotated[Json, WithJsonSchema({"type": ["number", "string"], "pattern": _PATTERN})]


def as_written(value: Any) -> Any:
    """A bare number as text, so that a pattern refuses it in words of its own."""
    return value if isinstance(value, bool | str | list | dict) else str(value)


Share = Annotated[str, Field(pattern=SHARE), BeforeValidator(as_written)]
Runs = Annotated[int, Field(ge=1, le=1000)]


class PlausibleField(BaseModel):
    """What numbers must be like to be believed at once. Quantities are the indicator's; whoever
    knows its unit reads them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: _Quantity = Field(
        default=None, description="A number below this is not believed.", examples=[0]
    )
    at_most: _Quantity = Field(
        default=None, description="A number above this is not believed.", examples=[5000]
    )
    step: _Quantity = Field(
        default=None,
        description="Nor is one that differs by more than this from the last one: a quantity, a "
        "share of the last one (%), or of a share points (pp).",
        examples=["20 %"],
    )
    counter: bool | None = Field(
        default=None,
        description="true: it only goes up, so a number below the last one is not believed.",
        examples=[True],
    )
    shrink: Share | None = Field(
        default=None,
        description="A share, at most 100 %: that more of its objects have gone at once is not "
        "believed; default: half, of 20 or more.",
        examples=["30 %"],
    )
    confirm: Runs | None = Field(
        default=None,
        description="How many of the next runs must say the same of a number that was not "
        "believed; default: three, over at least an hour.",
        examples=[3],
    )
