"""Whether a replica kind's answers are good enough: by its model and by its formats.

    q       >=  `--min-quality`            of every deployment, where a plan serves one model
    short   <=  the level that `--minimize quality` came to

Symbol   Meaning                                                   Unit
q        quality of the model after quantisation                   points of 100
short    what is short of the best model unquantised               %
"""

from recommender.decision.question import Question
from recommender.enumeration.replica_table import ReplicaTable


def good_enough(position: int, table: ReplicaTable, question: Question) -> bool:
    """Whether a kind may be used at all; nothing is known of quality where nobody asks."""
    least, most = question.min_quality, question.most_shortfall_pct
    if least is not None and (table.quality_at(position) or 0.0) < least:
        return False
    return most is None or float(table.shortfall_pct[position]) <= most
