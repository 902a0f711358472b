"""How long the main command takes: from the shell, as a library call, in a batch, and its loops.

    python benchmarks/main_command.py [REPEATS]          default 5

Prints a Markdown table of medians, with machine, versions and command. Figures for the record
are taken on a quiet machine; nothing here is a test.

CPU       user and system time of a process and its children: it says more than wall time where
          the machine is not quiet
batch     services of one model after the other, on closed forms, per service, in one process
joined    candidates, that is pairs of an offer and a replica kind that holds the SLO on its node,
          per second of the join that packs them into failure groups
layouts   laws whose largest rate within the SLO is found by closed forms, per second
"""

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

MAIN = ("--model", "236b", "--qps", "2000", "--p99", "200ms")
MIB = 2**20
BATCH = {
    "model": ("236b", "70b", "32b", "14b", "8b"),
    "qps": ("5", "50", "300", "2000", "7000"),
    "p99": ("200ms", "500ms", "1s", "2s", "5s"),
}
PACKAGES = ("numpy", "numba", "ortools", "pydantic", "rich")

Line = tuple[str, str, str]
"""What, median, wanted."""


def main(repeats: int) -> None:
    """Print everything."""
    print(_about(repeats))
    print("| what | median | wanted |\n|---|---|---|")
    for part in (shell_lines, library_lines, batch_lines, loop_lines):
        for line in part(repeats):
            print("| " + " | ".join(line) + " |", flush=True)


def shell_lines(repeats: int) -> Iterator[Line]:
    """Times and largest resident memory of fresh processes, the first one left out."""
    for name, arguments, seconds in (
        ("--help", ("--help",), 0.3),
        ("main command", MAIN, 2.0),
        ("main command --fast", (*MAIN, "--fast"), 1.0),
    ):
        runs = [_run(arguments) for _ in range(repeats + 1)][1:]
        taken, busy, resident = (median(column) for column in zip(*runs, strict=True))
        yield f"`{name}`, shell", f"{taken:.2f} s", f"{seconds:g} s"
        yield f"`{name}`, CPU", f"{busy:.2f} s", f"{seconds:g} s"
        yield f"`{name}`, resident", f"{resident / MIB:.0f} MiB", "450 MB"


def library_lines(repeats: int) -> Iterator[Line]:
    """Warm library calls with front, N+1, proof and audit, without ledger and runners-up."""
    import catalog
    from recommender import Spec, recommend

    facts = catalog.load()
    for name, fast, seconds in (("--fast", True, "0.4 s"), ("simulated", False, "2 s")):
        spec = Spec.model_validate({"model": "236b", "qps": "2000", "p99": "200ms", "fast": fast})
        recommend(spec, catalog=facts, explain=False)
        plan = recommend(spec, catalog=facts, explain=False)
        taken = _median(lambda spec=spec: recommend(spec, catalog=facts, explain=False), repeats)  # type: ignore[misc]
        phases = ", ".join(f"{phase} {s:.2f}" for phase, s in plan.seconds.items() if s >= 0.01)
        yield f"warm library call, {name} ({phases})", f"{taken:.2f} s", seconds


def batch_lines(repeats: int) -> Iterator[Line]:
    """CPU time per row of a batch, one model after the other."""
    from recommender import Spec
    from recommender.batch.batch import solve_item
    from recommender.batch.input import Item

    items = [
        Item(
            " ".join(row), Spec.model_validate({**dict(zip(BATCH, row, strict=True)), "fast": True})
        )
        for row in product(*BATCH.values())
    ]
    solve_item(items[0])
    taken = []
    for _ in range(repeats):
        start = process_time()
        statuses = {solve_item(item)["status"] for item in items}
        taken.append((process_time() - start) / len(items))
    yield (
        f"batch, CPU per service ({len(items)} services of {len(BATCH['model'])} models, all "
        f"{' or '.join(sorted(statuses))})",
        f"{median(taken):.3f} s",
        "0.1 s",
    )


def loop_lines(repeats: int) -> Iterator[Line]:
    """Offers joined and largest rates found: every offer, targets that most layouts can meet."""
    from recommender import Spec
    from recommender.decision.study_of import study_of
    from recommender.queueing.largest_rate import largest_rate

    spec = Spec.model_validate(
        {"model": "236b", "qps": "2000", "offers": "all", "fast": True}
        | {"p99": "10s", "tpot_p99": "1s"}
    )
    study = study_of(spec)
    market, rate = study.enumeration.market, study.rates.rate
    useful = [int((rate[study.table.of_hardware(k)] > 0).sum()) for k in range(_kinds(study))]
    pairs = sum(useful[kind] for kinds in market.kinds_of_offer for kind in kinds)
    taken = _median(lambda: study.decider.groups(market, study.question), repeats)
    yield (
        f"{len(market.offers):,} offers joined ({pairs:,} candidates in {taken * 1e3:.1f} ms)",
        f"{pairs / taken / 1e6:.2f} M/s",
        "1 M/s",
    )
    workload, slo, law = study.request.workload, study.request.slo, study.table.law
    taken = _median(lambda: largest_rate(law, workload, slo), repeats)
    yield (
        f"largest rates ({len(law):,} layouts in {taken * 1e3:.0f} ms)",
        f"{len(law) / taken / 1e3:.1f} k/s",
        "50 k/s",
    )


def _kinds(study: "object") -> int:
    return len(study.table.hardware)  # type: ignore[attr-defined]


def _run(arguments: Sequence[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds and largest resident memory [B] of a process with compiled modules."""
    start = perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
    )
    _, status, usage = os.wait4(process.pid, 0)
    taken = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}: exit code {process.returncode}")
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return taken, usage.ru_utime + usage.ru_stime, resident


def _median(call: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def _about(repeats: int) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    return (
        f"Command: `python benchmarks/main_command.py {repeats}`: medians of {repeats} runs.  \n"
        f"Machine: {_processor()}, {os.cpu_count()} cores; load average at the start {load}.  \n"
        f"Versions: Python {platform.python_version()}, {packages}.\n"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
