"""The README's examples, run as they are written (the set-up commands are run by .ci/run)."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SPEC = "model: 8b\nqps: 50\np99: 300ms\nfast: true\n"
TRACE = "arrival_s,input_tokens,output_tokens\n" + "".join(
    f"{0.1 * i:.1f},{200 + 37 * i % 900},{20 + 13 * i % 300}\n" for i in range(2000)
)
HEADER = (
    "id,source,kind,model,params_total_b,params_active_b,precision_weights,precision_kv,engine,"
    "engine_version,gpu,gpu_count,nodes,tp,pp,dp,ep,isl,osl,concurrency_or_batch,qps,metric,value,"
    "unit,notes\n"
)
MEASURED = HEADER + "".join(
    f"r{b},own run,tpot,Llama-3.1-8B,8.03,8.03,bf16,bf16,vllm,0.24,NVIDIA H100,1,1,1,1,1,1,"
    f"1024,256,{b},,tpot_mean,{7 + b / 16},ms,\n"
    for b in (1, 2, 4, 8, 16, 24, 32, 48, 64, 96)
)
"""Made-up rows in the measurement format: the commands are tried, not the figures."""
SPECS = "name,model,qps,p99\nsmall,8b,20,400ms\nlarge,8b,200,400ms\n"


def blocks(language: str) -> list[str]:
    """Fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = [
    line for block in blocks("sh") for line in block.splitlines() if line.startswith("recommend ")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the examples name."""
    place = tmp_path_factory.mktemp("readme")
    (place / "spec.yaml").write_text(SPEC)
    (place / "specs.csv").write_text(SPECS)
    (place / "requests.csv").write_text(TRACE)
    (place / "measured.csv").write_text(MEASURED)
    (place / "offers.csv").write_text(blocks("csv")[0])
    (place / "own.yaml").write_text(next(text for text in blocks("yaml") if "custom" in text))
    (place / "own-runs.csv").write_text(MEASURED.replace("NVIDIA H100", "our-h100"))
    return place


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter, as in a shell."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_commands_in_their_order(folder: Path) -> None:
    assert len(COMMANDS) >= 10
    for line in COMMANDS:
        words = shlex.split(line, comments=True)
        done = run([str(ROOT / "cli.py"), *words[1:]], folder)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        if "-o" in words:
            assert (folder / words[words.index("-o") + 1]).exists(), line


@pytest.mark.slow
def test_python_example(folder: Path) -> None:
    (example,) = blocks("python")
    done = run(["-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{example}"], folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("optimal ") and "cost_usd_per_h" in done.stdout


def test_every_command_is_shown() -> None:
    from cli import COMMANDS as known

    assert set(known) - {"solve"} <= {line.split()[1] for line in COMMANDS}


def test_the_two_commands_for_a_fresh_machine_are_one_line_each() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if "-m venv" in line]
    assert len(lines) == 2
    assert lines[0].endswith("recommend --model 236b --qps 2000 --p99 200ms")
    assert "'.[test]'" in lines[1] and "/pytest" in lines[1]


def test_the_measured_rows_can_be_predicted(tmp_path: Path) -> None:
    (tmp_path / "measured.csv").write_text(blocks("csv")[1])
    done = run([str(ROOT / "cli.py"), "predict", "measured.csv"], tmp_path)
    assert done.stderr.strip() == "6 rows: 6 covered"
