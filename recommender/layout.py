"""How one replica is cut over accelerators, and how its engine is set.

    accelerators = pp * tp * adp          ep is 1 or tp * adp

Symbol  Meaning                                                                Unit
tp      tensor parallel: every matrix is cut over tp accelerators              count
pp      pipeline parallel: layers are cut into pp stages                       count
adp     attention data parallel: ranks with their own KV cache and queue,
        stepping in lockstep (vLLM's --data-parallel-size for an MoE)          count
ep      expert parallel: routed experts are dealt out over ep accelerators     count
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Layout:
    """Precision, parallelism and engine settings of one replica."""

    precision: str
    kv_precision: str
    tp: int = 1
    pp: int = 1
    adp: int = 1
    ep: int = 1
    max_batch: int = 256
    """Most sequences in one batch, per attention rank."""
    chunk_tokens: int = 8192
    """Token budget of one step, per attention rank: decodes first, prompt chunks fill the rest."""

    @property
    def accelerators(self) -> int:
        """Accelerators of one replica."""
        return self.pp * self.tp * self.adp
