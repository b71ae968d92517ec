"""What an installation may set for a source of kind ``netbox``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class NetBoxOptions(BaseModel):
    """The settings of a NetBox source beside its url and token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    browse_url: str | None = Field(
        default=None,
        description="Where people open NetBox, when it is not the url that syncd asks.",
        examples=["https://netbox.example.org"],
    )
