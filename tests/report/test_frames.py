"""Plans as tables; pandas only when one is asked for."""

import subprocess
import sys

from sample_plan import FRONT, INFEASIBLE, PLAN

from recommender.report.frames import deployments_frame, front_frame, nodes_frame


def test_frames_hold_the_plan() -> None:
    """Rows in the plan's order, columns under the contract's names."""
    deployments = deployments_frame(PLAN)
    assert list(deployments["dp"]) == [192, 4]
    assert deployments["cost_usd_per_h"].sum() == 4544.0
    nodes = nodes_frame(PLAN)
    assert (nodes["nodes"] * nodes["usd_per_node_h"]).sum() == 4544.0
    front = front_frame(PLAN)
    assert len(front) == len(FRONT) and front["chosen"].sum() == 1


def test_no_plan_gives_empty_tables_with_columns() -> None:
    """Code that reads a column works on every plan."""
    assert deployments_frame(INFEASIBLE).empty
    assert "ttft_p99_s" in deployments_frame(INFEASIBLE).columns


def test_reports_need_neither_pandas_nor_numpy() -> None:
    """A plan is read and rendered in every format without them."""
    program = (
        "import sys\n"
        "import cli, recommender.commands.render_command, recommender.report.read\n"
        "import recommender.report.terminal, recommender.report.html\n"
        "import recommender.report.markdown, recommender.report.frames\n"
        "assert not {'pandas', 'numpy', 'ortools', 'numba', 'pydantic'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
