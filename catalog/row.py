"""The base of all rows, and the kinds of numbers in their columns."""

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST = 1e12
"""Of any figure, in the unit of its column; beyond it products of a few overflow."""
Positive = Annotated[float, Field(gt=0, le=MOST)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0, le=int(MOST))]
AtLeastOne = Annotated[int, Field(ge=1, le=int(MOST))]
Terms = Literal["on_demand", "spot", "reserved_1yr", "reserved_3yr", "owned"]
COMMITTED_TERMS: tuple[Terms, ...] = ("owned", "reserved_1yr", "reserved_3yr")
"""Paid around the clock; the others by the hour."""
Verification = Literal["read", "cross-checked", "recalled", "derived"]


class Row(BaseModel):
    """Base of all rows: immutable, unknown columns are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: str
    verification: Verification = "read"
    read_on: datetime.date | None = None
    """Day the source was read."""
    note: str = ""
