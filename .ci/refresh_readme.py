"""Put today's figures into README.md: the main job's report and prices, pools, held-out errors.

python .ci/refresh_readme.py          from the root of the checkout, before a release

A figure whose sentence is not found any more is an error, so that none goes stale unseen.
"""

import csv
import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

README = Path("README.md")
JOB = ("--model", "236b", "--qps", "2000")
MAIN = (*JOB, "--p99", "200ms", "--quiet")
END = "Why it won"
"""The heading before which the excerpt ends."""
SWEEP = ("what-if", *JOB, "--vary", "p99=250ms,300ms", "--json", "--quiet")
POOLS = (
    *("--model", "70b", "--qps", "100", "--isl", "4000", "--osl", "300", "--workload", "fixed"),
    *("--ttft-p99", "2s", "--itl-p99", "25ms", "--gpu", "H100,H200", "--json", "--quiet"),
)
SCORES = Path("catalog/data/calibration/scores.csv")
OTHER_WAYS = {
    "combination": "where family, accelerator and engine were not run together",
    "model": "on unseen models",
    "accelerator": "on an unseen accelerator",
}
ERRORS = r"fitted to [\d,]+ published measurements.*?\(docs/accuracy\.md\)\)\."
USD = r"\$[\d,]+/h"


def output(*words: str) -> str:
    """Standard output of the command line at 80 columns."""
    return subprocess.run(
        [sys.executable, "cli.py", *words],
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def excerpt() -> str:
    """The report up to the totals, without trailing spaces."""
    report = output(*MAIN)
    lines = report[: report.index(END)].splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def usd_per_h(*words: str) -> str:
    """What the plan of a command costs, in whole dollars."""
    plan: dict[str, Any] = json.loads(output(*words))
    return dollars(plan["plan"]["totals"]["cost_usd_per_h"])


def dollars(amount: float) -> str:
    """`$1,088/h`."""
    return f"${amount:,.0f}/h"


def replaced(text: str, pattern: str, new: str) -> str:
    """The text with the one place of the pattern replaced."""
    found, count = re.subn(pattern, lambda _: new, text, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"README.md has {count} places of {pattern!r}, not one")
    return found


def held_out() -> str:
    """How many measurements were fitted, and the errors of what was not, as plans predict it."""
    rows = list(csv.DictReader(SCORES.open(encoding="utf-8")))
    fitted = sum(int(r["rows"]) for r in rows if (r["way"], r["group"]) == ("in sample", "all"))
    median = {
        (r["way"], r["kind"]): float(r["median_error_pct"])
        for r in rows
        if r["group"] == "as planned"
    }

    def errors(way: str) -> list[str]:
        return [f"{median[way, kind]:.0f}" for kind in ("tpot", "throughput", "ttft")]

    token, rate, first = errors("configuration")
    others = {way: "{}, {} and {} %".format(*errors(way)) for way in OTHER_WAYS}
    said = "; ".join(f"{words} {others[way]}" for way, words in OTHER_WAYS.items())
    return (
        f"fitted to {fitted:,} published measurements, among them the runs inside "
        "aiconfigurator-core 0.12.0. On configurations that the fit did not see, half of what "
        f"plans rest on is within {token} % for time per output token, {rate} % for throughput "
        f"and {first} % for time to first token; {said} ([docs/accuracy.md](docs/accuracy.md))."
    )


def main() -> None:
    """Rewrite the first text block, the sentences with figures, and their dates."""
    text = README.read_text(encoding="utf-8")
    today = datetime.date.today().isoformat()
    text = re.sub(
        r"```text\n.*?```", lambda _: f"```text\n{excerpt()}\n```", text, count=1, flags=re.DOTALL
    )
    text = replaced(text, r"main job \(\d{4}-\d\d-\d\d;", f"main job ({today};")
    steps = json.loads(output(*SWEEP))
    prices = [dollars(step["cost_usd_per_h"]) for step in steps["steps"]]
    text = replaced(
        text,
        f"costs {USD} at 250 ms and {USD} at 300 ms",
        f"costs {prices[0]} at 250 ms and {prices[1]} at 300 ms",
    )
    apart, without = usd_per_h(*POOLS, "--disaggregate", "only"), usd_per_h(*POOLS)
    text = replaced(
        text,
        rf"costs {USD} with pools and {USD} without \(\d{{4}}-\d\d-\d\d\)",
        f"costs {apart} with pools and {without} without ({today})",
    )
    text = replaced(text, ERRORS, held_out())
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
