"""Architecture of models: counts, divisibility, layers that add up."""

from collections import Counter
from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.check.finding import Finding, error
from catalog.parameters import BILLION, parameters
from catalog.schema import LanguageModel


def check_models(catalog: Catalog) -> Iterator[Finding]:
    """Findings on models."""
    for row in catalog.models.values():
        for column, message in _problems(row):
            yield error("models", row.id, column, message)
        if row.native_precision not in catalog.precisions:
            yield error("models", row.id, "native_precision", f"unknown: {row.native_precision}")
    names = Counter(
        name.casefold() for row in catalog.models.values() for name in {row.id, *row.aliases}
    )
    for name, count in names.items():
        if count > 1:
            yield error("models", name, "aliases", f"names {count} models")


def _problems(row: LanguageModel) -> Iterator[tuple[str, str]]:
    counted = parameters(row)
    for column, stated, computed in (
        ("total_params_b", row.total_params_b, counted.total / BILLION),
        ("active_params_b", row.active_params_b, counted.active / BILLION),
    ):
        if abs(computed - stated) > 0.005 * stated:
            yield column, f"{stated:g} stated, {computed:.3f} from the architecture"
    if row.heads % row.kv_heads:
        yield "kv_heads", f"{row.kv_heads} does not divide {row.heads} heads"
    if row.experts_per_token > row.routed_experts:
        yield "experts_per_token", "more than there are experts"
    if row.expert_layers > row.layers or row.attention_layers > row.layers:
        yield "layers", "fewer than the layers of a kind"
    if row.windowed_layers and row.sliding_window is None:
        yield "sliding_window", "windowed layers need their window"
    if row.attention == "MLA" and not (row.kv_lora_rank and row.v_head_dim):
        yield "kv_lora_rank", "latent attention needs its rank and value width"
    if bool(row.state_layers) != bool(row.state_bytes_per_sequence):
        yield "state_bytes_per_sequence", "state layers and their bytes go together"
    if row.quality is not None and not (0 <= row.quality <= 100 and row.quality_benchmark):
        yield "quality", "a percentage with the name of its benchmark"
