"""In words, the value of a repair: the least that is enough, or one that is and less may be.

at least 5 nodes                                    less has no plan
5 nodes (less was not ruled out in time)            the time limit ended the search for less
5 nodes (less was not tried with simulated rates)   `--fast`, whose command simulates where closed
                                                    forms find no plan
"""

IN_TIME = "was not ruled out in time"
SIMULATED = "was not tried with simulated rates"


def least_enough(amount: str, *, is_least: bool, simulated: bool, most: bool = False) -> str:
    """The value of a repair; `most` where the largest is wanted that leaves a plan."""
    if is_least and simulated:
        return f"at {'most' if most else 'least'} {amount}"
    return f"{amount} ({'more' if most else 'less'} {IN_TIME if not is_least else SIMULATED})"
