"""Engines that cannot have run what a row says: on the accelerator at all, or in its format.

hardware    TensorRT-LLM and TensorRT run on GPUs of NVIDIA, the Neuron libraries on chips of AWS;
            llama.cpp has back-ends for GPUs and CPUs, none for Gaudi, TPU, Neuron and SambaNova
generation  one of which `catalog/data/support.csv` says `none` for every format. Judged of current
            versions: earlier ones ran on what was new then (TensorRT-LLM on Volta)
format      stated weights in fp8 or NVIDIA's fp4 for which it says `none`. Other names of formats
            are used loosely (any of llama.cpp is one of GGUF, `fp4` of AMD is mxfp4). Intel
            ships vLLM of its own: mxfp4 ran there, where support says `none`

A row of support in an overlay says otherwise. Engines of overlays and forks have no such rows, nor
are mixtures (`unknown`) judged. Where no row names the architecture, nobody knows: vLLM and SGLang
take plug-ins (TPU, Ascend, CPU).
"""

from collections.abc import Iterator, Mapping

from catalog.schema import Accelerator, Support
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.names import Names, folded
from recommender.accuracy.scenario import Scenario

Rows = Mapping[str, Support]
"""How an engine runs each precision on one architecture."""
_ONLY = {"trtllm": "NVIDIA", "tensorrt": "NVIDIA", "neuron": "AWS"}
_NO_BACKEND = {"llama.cpp": ("Gaudi", "TPU", "NeuronCore", "SN40L")}
_KERNELS_OF = {"tensorrt": "trtllm"}
_OF_CPUS = "CPU"
_LOOSE = ("llama.cpp",)
_BUILDS_OF_THEIR_OWN = ("Intel",)
_JUDGED = ("fp8", "fp4")
CURRENT_SINCE = 2025.0


def unsupported(row: Measurement, scenario: Scenario, names: Names) -> str:
    """Why the engine does not run this; blank where it does or may."""
    engine, accelerator = scenario.engine, scenario.accelerator
    if folded(engine) in names.own.engines or _is_fork(row, engine):
        return ""
    rows = names.support.get((_KERNELS_OF.get(engine, engine), accelerator.architecture), {})
    if not _runs(rows) and (kind := _other_hardware(engine, accelerator)):
        return f"{row.engine} does not run on {accelerator.name}: {kind}{_others(scenario, names)}"
    if rows and not _runs(rows) and engine not in _KERNELS_OF and _is_current(scenario):
        one = next(iter(rows.values()))
        return (
            f"{row.engine} does not run on {accelerator.name} ({accelerator.architecture}):"
            f" {one.note or 'no format'} ({_source(one)}){_others(scenario, names)}"
        )
    return _without_kernels(row, scenario, rows, names)


def untold(row: Measurement, scenario: Scenario, names: Names) -> Iterator[str]:
    """What is assumed of an engine on hardware that no source names beside it."""
    engine, architecture = scenario.engine, scenario.accelerator.architecture
    if engine not in names.engines_of_support or names.support.get((engine, architecture)):
        return
    if not _is_fork(row, engine):
        yield f"{row.engine} on {scenario.accelerator.name}: no source here says that it runs there"


def _without_kernels(row: Measurement, scenario: Scenario, rows: Rows, names: Names) -> str:
    """Why the stated format does not run there."""
    name = scenario.weights.name
    if scenario.engine in _LOOSE or scenario.accelerator.vendor in _BUILDS_OF_THEIR_OWN:
        return ""
    own, one = names.own_precision(row.precision), rows.get(name)
    if not row.precision or name not in _JUDGED or own or one is None or one.mode != "none":
        return ""
    if name == "fp4" and scenario.accelerator.vendor != "NVIDIA" and not _is_nvidias(row):
        return ""
    runs = ", ".join(name for name, other in rows.items() if other.mode != "none")
    return (
        f"{row.engine} has no kernels for {name} on {scenario.accelerator.name}"
        f" ({scenario.accelerator.architecture}; {_source(one)}); it runs {runs} there"
    )


def _is_nvidias(row: Measurement) -> bool:
    return "nv" in row.precision.casefold()


def _other_hardware(engine: str, accelerator: Accelerator) -> str:
    """What the engine is made for, where that is something else."""
    vendor = _ONLY.get(engine)
    if vendor and (accelerator.vendor != vendor or accelerator.form == _OF_CPUS):
        return f"it is made for accelerators of {vendor}"
    missing = _NO_BACKEND.get(engine, ())
    return "it has no back-end for it" if accelerator.architecture.startswith(missing) else ""


def _others(scenario: Scenario, names: Names) -> str:
    """Engines that run there, as a hint."""
    accelerator = scenario.accelerator
    found = [
        engine
        for engine in names.engines_of_support
        if _runs(names.support.get((engine, accelerator.architecture), {}))
    ]
    found += [engine for engine, vendor in _ONLY.items() if vendor == accelerator.vendor == "AWS"]
    return f"; engines that do: {', '.join(found)}" if found else ""


def _runs(rows: Rows) -> bool:
    return any(row.mode != "none" for row in rows.values())


def _is_fork(row: Measurement, engine: str) -> bool:
    """Forks of vLLM (Aphrodite) have kernels of their own."""
    return engine == "vllm" and "vllm" not in row.engine.casefold()


def _is_current(scenario: Scenario) -> bool:
    return scenario.year is None or scenario.year >= CURRENT_SINCE


def _source(row: Support) -> str:
    return f"{row.source}, {row.verification}" if row.verification != "read" else row.source
