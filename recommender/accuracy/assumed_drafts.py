"""What is assumed of drafts where a row states how many there are, and not what they gain.

    gained A = 1 + 0.7*k

Steps are those of physics (`verified_step`), as where the gain is stated. On 36 published runs of
GLM-5 with one draft per step, TPOT is off by 6 % in the median with it, and by 10 % with a guess of
gain and step together. Who states the gain is not told what others reach: rows without it are taken
for less sure (`error_level`).
"""

from recommender.performance.speculation import Speculation

ACCEPTED_SHARE = 0.7


def assumed_speculation(drafts: int) -> Speculation | None:
    """Drafts with the gain that is assumed of them; None without drafts."""
    return Speculation(drafts, 1 + ACCEPTED_SHARE * drafts) if drafts else None


def drafts_in_words(drafts: int) -> str:
    """The assumption of so many drafts, as it is listed."""
    gained = 1 + ACCEPTED_SHARE * drafts
    return f"{ACCEPTED_SHARE:.0%} of {drafts} drafts accepted (assumed): {gained:.3g} tokens a step"
