"""The fit: solver, derivatives, held-out rows, recovery of known constants, rows of the wheel."""

import zipfile

import numpy as np
import pytest
from run_rows import records

from catalog.calibration import StepConstants, load_calibration
from recommender.accuracy.fit.fit_model import FitModel
from recommender.accuracy.fit.folds import WAYS, held_out
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.parameters import PARAMETERS, start_positions, values_of
from recommender.accuracy.fit.solver import solve
from recommender.accuracy.fit.theta import FACTORS
from recommender.accuracy.fit.training import training
from recommender.accuracy.fit.wheel import SAMPLE, wheel_records

CALIBRATION = load_calibration()


def test_start_values_are_inside_their_limits():
    values = values_of(start_positions())
    for parameter in PARAMETERS:
        assert parameter.low < parameter.start < parameter.high
        if parameter.name != "exchange_ratio":
            assert values[parameter.name] == pytest.approx(parameter.start)
    assert values["exchange_scale"] == pytest.approx(values["collective_scale"])
    assert set(values) <= set(StepConstants.model_fields)  # what tables hold


def test_solver_finds_the_minimum_despite_outliers():
    x = np.linspace(0, 1, 50)
    y = 2 + 3 * x
    y[::10] += 100  # five of fifty are absurd

    def residuals(v):
        return (v[0] + v[1] * x - y) / 0.1

    def jacobian(_):
        return np.stack([np.ones_like(x), x], axis=1) / 0.1

    wide = np.full(2, 1e3)
    found = solve(residuals, jacobian, np.zeros(2), mean=np.zeros(2), deviation=wide)
    assert found == pytest.approx([2, 3], abs=0.1)


def test_without_data_the_prior_remains():
    mean = np.array([1.0, -2.0])
    found = solve(
        lambda v: np.zeros(1), lambda v: np.zeros((1, 2)), np.zeros(2), mean=mean,
        deviation=np.ones(2),
    )  # fmt: skip
    assert found == pytest.approx(mean)


def test_normal_equations_match_central_differences():
    measured = understood(records(count=8))
    trained = training(measured.questions, measured.values, CALIBRATION)
    model = FitModel(trained.data, trained.shape)
    at = trained.shape.start()
    weights = np.linspace(0.5, 1.0, len(trained.data))
    gradient, curvature = model.normal_equations(at, weights)

    def slopes(index):
        step = np.zeros_like(at)
        step[index] = 1e-3
        return (model.residuals(at + step) - model.residuals(at - step)) / 2e-3

    rng = np.random.default_rng(2)
    first = len(at) - FACTORS * len(trained.groups.names) + FACTORS  # of the first real group
    padding = range(first - FACTORS, first)  # of no group, which is held to nothing
    free = np.setdiff1d(np.arange(trained.shape.size), padding)
    for index in (*rng.choice(free, 20, replace=False), *range(first, first + FACTORS)):
        central = slopes(index)
        assert gradient[index] == pytest.approx(
            central @ (weights * model.residuals(at)), rel=0.02, abs=0.2
        )
        assert curvature[index, index] == pytest.approx(
            central @ (weights * central), rel=0.03, abs=0.05
        )


def test_fit_follows_its_data():
    """Values twice as slow as predicted: a fit ends within a few percent of them."""
    measured = understood(records(factor=2.0, count=48))
    trained = training(measured.questions, measured.values, CALIBRATION)
    before = trained.errors(trained.data, trained.shape.start())
    vector = trained.fit(trained.data, start=trained.shape.start())
    after = trained.errors(trained.data, vector)
    assert np.median(np.abs(after)) < 0.1 < np.median(np.abs(before))


@pytest.mark.parametrize("way", WAYS)
def test_every_row_is_held_out_once(way):
    questions = understood(records()).questions
    times = sum(mask.astype(int) for mask in held_out(questions, way))
    assert np.all(times == 1)


COLUMNS = (
    "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
    "batch_size,tp_size,attention_dp_size,moe_tp_size,moe_ep_size,silicon_ttft_ms,silicon_tpot_ms"
)


def _records_of(folder, lines):
    wheel = folder / "core.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(SAMPLE, "\n".join([COLUMNS, *lines]))
    return list(wheel_records(wheel))


def test_wheel_rows(tmp_path):
    """Groups whose sizes were multiplied are read as one. Separate prefill pools, runs behind a
    fleet's frontend, and a run listed again as the same network's other name are left out.
    """
    lines = [
        "a,silicon_concurrency=8; measured=2026-03-01,vllm,0.18,m/Llama-3.1-70B,h100_sxm,fp8,agg,"
        "1024,512,9,4,,1,1,100,12",
        "b,x,trtllm,1.0,m/DeepSeek-R1,b200_sxm,fp4,agg,1024,512,32,64,1,8,8,100,12",
        "c,x,trtllm,1.0,m/DeepSeek-R1,b200_sxm,fp4,disagg,1024,512,32,8,1,8,8,100,12",
        "d,x,trtllm,1.0,m/DeepSeek-R1,b200_sxm,fp4,agg,1024,512,32,36,1,36,1,100,12",
        "e,x,trtllm,1.1,m/DeepSeek-V3,b200_sxm,fp4,agg,1024,512,32,64,1,8,8,100,12",
        "f,dynamo_version=0.9.0,vllm,0.18,m/Llama-3.1-70B,h100_sxm,fp8,agg,1024,512,9,4,,1,1,99,11",
    ]
    rows = _records_of(tmp_path, lines)
    assert [(record["id"], record["kind"]) for record in rows] == [
        ("a", "tpot"), ("a", "ttft"), ("b", "tpot"), ("b", "ttft"),
    ]  # fmt: skip
    assert rows[0]["concurrency_or_batch"] == "8"
    assert rows[0]["engine_version"] == "2026-03"
    assert (rows[2]["tp"], rows[2]["ep"], rows[2]["gpu_count"]) == ("8", "8", "8")


def test_accelerators_that_the_wheel_counts_twice(tmp_path):
    """vLLM with expert parallelism: tp 4 that is listed as 4 attention ranks of 4, and 16 experts'
    ranks, is four accelerators; the same run, rounded, counts once, and another value is another
    run.
    """
    kimi = "vllm,0.17.0,m/Kimi-K2.5,b200_sxm,fp4,agg,1024,1024"
    rows = _records_of(
        tmp_path,
        [
            f"a,silicon_concurrency=32,{kimi},8,4,4,1,16,208.318302,18.513765",
            f"b,silicon_concurrency=32,{kimi},32,4,1,1,4,208.32,18.51",
            f"c,silicon_concurrency=32,{kimi},32,4,1,1,4,237.917048,19.722793",
            f"d,silicon_concurrency=32,{kimi},32,4,1,1,4,237.92,25.0",
        ],
    )
    assert [(row["id"], row["kind"]) for row in rows[::2]] == [
        ("a", "tpot"), ("c", "tpot"), ("d", "tpot"),
    ]  # fmt: skip
    for row in rows:
        assert [row[name] for name in ("gpu_count", "tp", "dp", "ep")] == ["4", "4", "1", "4"]


def test_two_by_two_is_one_group_where_attention_ranks_are_stated(tmp_path):
    """tp 4 = 2 x 2 of the exports is tp 2, ep 2; where ranks are blank it is four accelerators,
    over which experts are cut in halves, and left out.
    """
    gpt = "agg,1024,1024,16"
    rows = _records_of(
        tmp_path,
        [
            f"a,x,trtllm,1.2,openai/gpt-oss-120b,h200_sxm,fp4,{gpt},4,1,2,2,150,9",
            f"b,x,trtllm,1.2,openai/gpt-oss-120b,b200_sxm,fp4,{gpt},1,4,2,2,150,9",
            f"c,x,trtllm,1.2,openai/gpt-oss-120b,h100_sxm,fp4,{gpt},4,,2,2,150,9",
        ],
    )
    names = ("id", "gpu_count", "tp", "dp", "ep")
    assert [[row[name] for name in names] for row in rows[::2]] == [
        ["a", "2", "2", "1", "2"], ["b", "2", "1", "2", "2"],
    ]  # fmt: skip


def test_blank_attention_ranks_of_the_wheel(tmp_path):
    """Experts over 4 with tp 2: 4 / 2 = 2 ranks, 4 accelerators. Of a dense model, 1 / 2: one."""
    rest = "h200_sxm,fp8,agg,2000,500,6"
    rows = _records_of(
        tmp_path,
        [
            f"a,x,vllm,0.12.0,Qwen/Qwen3-235B-A22B-FP8,{rest},2,,4,1,790,24",
            f"b,x,vllm,0.12.0,m/Llama-3.1-70B,{rest},2,,1,1,790,24",
        ],
    )
    names = ("gpu_count", "tp", "dp", "ep")
    assert [rows[0][name] for name in names] == ["4", "2", "2", "1"]
    assert [rows[2][name] for name in names] == ["2", "2", "1", "1"]


def test_caches_of_the_wheel(tmp_path):
    """8 bits only by vLLM on Blackwell with narrow weights, where the runs' waits say so."""
    rest = "agg,1024,1024,16,4,1,1,4,200,14"
    rows = _records_of(
        tmp_path,
        [
            f"a,x,vllm,0.19,m/MiniMax-M2.5,b200_sxm,fp8,{rest}",
            f"b,x,vllm,0.19,m/MiniMax-M2.5,h200_sxm,fp8,{rest}",
            f"c,x,vllm,0.19,m/MiniMax-M2.5,b200_sxm,bf16,{rest}",
            f"d,x,sglang,0.5.9,m/MiniMax-M2.5,b200_sxm,fp8,{rest}",
        ],
    )
    assert [row["precision_kv"] for row in rows[::2]] == ["fp8", "", "", ""]


def test_a_blank_precision_of_the_wheel_is_that_of_the_checkpoint(tmp_path):
    """Qwen3-32B on one H100, 16 requests of 1,024 + 256 tokens: 14.6 s to the first token, 26.8 ms
    per token. 32.8e9 * 2 B / 3.35e12 B/s = 19.6 ms: no faster in bf16; and 14.6 / (14.6 + 256 *
    0.0268) = 0.68 of the requests wait, as 65.5 of 80 GB are weights. In fp8 all would fit.
    """
    line = "a,silicon_concurrency=16,sglang,0.5.8,Qwen/Qwen3-32B,h100_sxm,,agg,1024,256,16,1,,1,1"
    rows = understood(_records_of(tmp_path, [f"{line},14621.3,26.843"])).questions
    assert [question.scenario.weights.name for question in rows] == ["bf16", "bf16"]
    assert {question.scenario.kv_bytes for question in rows} == {2.0}


def test_a_wheel_without_the_sample(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("readme", "")
    with pytest.raises(FileNotFoundError):
        list(wheel_records(wheel))
