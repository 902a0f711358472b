"""The argument and result type of sizing formulas: a float, or an array of them."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Number: TypeAlias = float | npt.NDArray[np.float64]
