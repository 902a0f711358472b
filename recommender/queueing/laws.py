"""A step law as arrays: scalars are broadcast, so that every formula sees shape (n,)."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.draft_gains import ONE_TOKEN, Gains

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laws:
    """The numbers of n step laws, each of shape (n,); see `StepLaw` for their meaning and units."""

    a: Array
    b: Array
    g: Array
    d: Array
    q: Array
    max_batch: Array
    kv_tokens: Array
    chunk_tokens: Array
    ranks: Array
    verified_tokens: Array
    frontend_s: Array
    prompt_stretch: Array

    def __len__(self) -> int:
        return int(self.a.size)

    def take(self, where: slice | npt.NDArray[np.intp]) -> "Laws":
        """The laws of a slice or of these positions."""
        return Laws(**{f.name: getattr(self, f.name)[where] for f in fields(Laws)})

    def prompt_s(self, tokens: Array) -> Array:
        """What prompts of so many computed tokens take from others, steps aside [s]."""
        return self.d * tokens + 0.5 * self.q * tokens**2

    def own_prompt_s(self, tokens: Array) -> Array:
        """What they wait for themselves instead [s]."""
        return self.prompt_stretch * self.prompt_s(tokens)


def as_laws(law: StepLaw, *, attended: float = 1.0) -> Laws:
    """Arrays of shape (n,), n the largest size among the fields; n = 1 for a scalar law.

    `attended` multiplies q: prompts are counted by the tokens that are computed, and these attend
    to cached ones as well (`Lengths.attended_factor`).
    """
    names = [f.name for f in fields(Laws)]
    values = [np.atleast_1d(np.asarray(getattr(law, name), dtype=np.float64)) for name in names]
    laws = Laws(**dict(zip(names, np.broadcast_arrays(*values), strict=True)))
    return laws if attended == 1.0 else replace(laws, q=laws.q * attended)


def step_gains(law: StepLaw) -> Gains:
    """Output tokens that a sequence gains per step: the same for all laws.

    Raises
    ------
    ValueError
        The laws differ in it, or gain more than they verify.
    """
    gained = np.unique(law.tokens_per_step)
    if gained.size == 0 or np.all(gained == 1.0):
        return ONE_TOKEN
    verified = np.unique(law.verified_tokens)
    if gained.size > 1 or verified.size > 1:
        raise ValueError("laws with different tokens per step are not computed together")
    return Gains(float(gained[0]), int(verified[0]))
