"""Why no engine could have run what a row states; blank where one could.

heads      tp divides the attention heads; of key-value heads and tp one divides the other (not
           MLA, whose cache is one vector of all heads)
stages     a pipeline has no more stages than the model has layers
group      tp * pp * attention ranks, times whole replicas, are the stated accelerators
experts    of a model that has any; ranks that divide the accelerators of a stage. They need not
           divide the experts: copies of busy ones fill up (DeepSeek's 256 run on 72 and 320 ranks)
memory     P * w / (tp * pp * adp) <= M, with the cache of one request too (`one_request`)
nodes      each with as many accelerators

Symbol  Meaning                                                                       Unit
P       parameters of the model                                                       count
w       bytes of a weight as stored; where a row does not say, of 4 bits with scales  B
M       memory of an accelerator                                                      B

The weights are counted without what ranks hold twice, so that what is refused does not fit at all.
Layers split by weight (`llama.cpp`), uneven shards (DeepSpeed's tensor parallelism, ExLlamaV2) and
NeuronCores, which are halves of a chip, need no heads that tp divides. A stand-in of a stated size
has no heads of its own to go by.
"""

from collections.abc import Iterator

from catalog.schema import LanguageModel
from recommender.accuracy.equal_heads import equal_heads
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.one_request import too_long
from recommender.accuracy.precision_names import BITS
from recommender.accuracy.scenario import Scenario
from recommender.units import BITS_PER_BYTE, GB

UNEVEN_ENGINES = ("llama.cpp", "eager", "compiled", "neuron")
BILLION = 1e9
NARROW_BYTES = BITS["mxfp4"] / BITS_PER_BYTE
SAME_SIZE = 2.0


def impossible(row: Measurement, scenario: Scenario, *, in_memory: bool = True) -> str:
    """The first reason why the scenario cannot have run; `in_memory`: it is not only a file."""
    return next(_reasons(row, scenario, in_memory=in_memory), "")


def _reasons(row: Measurement, scenario: Scenario, *, in_memory: bool) -> Iterator[str]:
    model = scenario.model
    if row.nodes and row.accelerators and row.accelerators % row.nodes:
        yield f"{row.accelerators:g} accelerators are not on {row.nodes:g} nodes alike"
    if row.ep and row.ep > 1 and not model.is_moe:
        yield f"{row.model} has no experts to deal out; ep is 1 or blank, not {row.ep:g}"
    if scenario.engine != "neuron":
        yield from _group(row, scenario)
    if not scenario.guessed_model:
        yield from _of_the_model(row, scenario)
    if in_memory:
        yield from _weights(row, scenario)


def _weights(row: Measurement, scenario: Scenario) -> Iterator[str]:
    stored = scenario.weights.bytes_per_weight
    narrowest = stored if row.precision else min(stored, NARROW_BYTES)
    parameters, memory = scenario.model.total_params_b * BILLION, scenario.accelerator.memory_bytes
    least = parameters * narrowest
    cut = scenario.tp * scenario.pp * scenario.adp
    if least > cut * memory:
        yield (
            f"{parameters * stored / GB:.3g} GB of {scenario.weights.name} weights do not fit into"
            f" {cut:g} x {memory / GB:.3g} GB; check {_deciding(row)}"
        )
    elif reason := too_long(row, scenario, weight_bytes=least):
        yield reason


def _deciding(row: Measurement) -> str:
    """The columns that decide how much fits: those that are blank, which were assumed, or all."""
    columns = {
        "precision_weights": row.precision, "gpu_count": row.accelerators, "tp": row.tp,
    }  # fmt: skip
    blank = [name for name, value in columns.items() if not value]
    return f"{', '.join(blank)} (blank)" if blank else ", ".join(columns)


def _group(row: Measurement, scenario: Scenario) -> Iterator[str]:
    """Degrees that do not make up the accelerators; where these are blank, they follow."""
    stage = scenario.tp * scenario.adp
    group = stage * scenario.pp
    stated = ", ".join(
        f"{name} {value:g}"
        for name, value in (("tp", row.tp), ("pp", row.pp), ("dp", row.dp), ("ep", row.ep))
        if value
    )
    if not float(scenario.tp).is_integer():
        yield f"{stated}: dp does not divide the accelerators of a stage"
    if row.accelerators and (group > row.accelerators or row.accelerators % group):
        yield (
            f"{stated} make groups of {group:g}; gpu_count is a multiple of that, not"
            f" {row.accelerators:g}"
        )
    if row.ep and row.tp and stage % row.ep:
        yield f"ep {row.ep:g} does not divide the {stage:g} accelerators of a stage ({stated})"
    if row.ep and row.accelerators and row.ep > row.accelerators:
        yield f"ep {row.ep:g} is more than the {row.accelerators:g} accelerators"


def _of_the_model(row: Measurement, scenario: Scenario) -> Iterator[str]:
    model, tp = scenario.model, int(scenario.tp)
    if row.pp and model.layers < row.pp:
        yield f"pp {row.pp:g} is more than the {model.layers} layers of {model.id}"
    if row.tp is None or scenario.engine in UNEVEN_ENGINES or equal_heads(model, tp):
        return
    heads = f"{model.heads} attention heads"
    if model.attention != "MLA" and model.kv_heads != model.heads:
        heads += f" and {model.kv_heads} key-value heads"
    near = [degree for degree in _degrees(model) if degree < tp][-1:]
    near += [degree for degree in _degrees(model) if degree > tp][:1]
    either = " or ".join(map(str, near))
    yield f"tp {tp}{_read(row, tp)} does not go with the {heads} of {model.id}; tp {either} would"


def _read(row: Measurement, tp: int) -> str:
    """Where tp is not the stated one: experts over a whole stage are cut like it."""
    return "" if row.tp == tp else f" (from tp {row.tp:g}, dp {row.dp or 1:g}, ep {row.ep or 1:g})"


def _degrees(model: LanguageModel) -> list[int]:
    return [tp for tp in range(1, model.heads + 1) if equal_heads(model, tp)]


def read_otherwise(row: Measurement, scenario: Scenario) -> Iterator[str]:
    """What is stated and possible, but not modelled as it is stated."""
    model, size = scenario.model, row.total_params_b or scenario.model.total_params_b
    if not 1 / SAME_SIZE <= size / model.total_params_b <= SAME_SIZE:
        yield f"{model.id} has {model.total_params_b:.3g}e9 parameters ({size:g}e9 stated)"
    if row.ep and row.ep > 1 and row.ep != scenario.ep:
        yield f"experts over {scenario.ep:g} accelerators (ep {row.ep:g} stated)"
    usual = scenario.accelerator.accelerators_per_node
    group = scenario.tp * scenario.pp * scenario.adp
    held = row.accelerators / row.nodes if row.accelerators and row.nodes else usual
    if held != usual and group > min(held, usual):
        yield f"nodes of {usual} accelerator{'s' * (usual > 1)} ({held:g} stated)"
