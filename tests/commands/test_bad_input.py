"""Bad input: one clear line, exit code 2 or 6, never a traceback, nothing overwritten."""

import pytest
from asked import ASKED, PLAIN


def changed(**values):
    """The plain request with other flags; None drops one."""
    flags = dict(zip(PLAIN[::2], PLAIN[1::2], strict=False)) | {
        "--" + name.replace("_", "-"): value for name, value in values.items()
    }
    return [part for flag, value in flags.items() if value is not None for part in (flag, value)]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (changed(model="deepseek-v22"), "did you mean"),
        (changed(model="lama-3.1-8b"), "did you mean"),
        (changed(model="zzzzzz"), "unknown model 'zzzzzz'"),
        (changed(model=""), "--model is given without a value"),
        (changed(gpu="H1000"), "unknown accelerator 'H1000'"),
        (changed(gpu="B20"), "did you mean"),
        (changed(gpu="!H1000"), "unknown accelerator"),
        (changed(provider="awss"), "did you mean aws?"),
        (changed(region="us-esat-1"), "did you mean"),
        (changed(terms="ondemand"), "did you mean on_demand?"),
        (changed(workload="chatt"), "did you mean chat?"),
        (changed(engine="vlm"), "did you mean vllm?"),
        (changed(engine="tgi"), "known are vllm, "),
        (changed(gpu="H100:8"), "is for the plan to choose; leave :8 out"),
        (changed(gpu="zzz"), "`recommend catalog list accelerators` shows every one"),
        (["-f", "", *PLAIN], "-f is given without a value"),
        (changed(precision="fp88"), "did you mean fp8?"),
        (changed(kv_precision="fp88"), "did you mean fp8?"),
        (changed(solver="gurobbi"), "gurobbi"),
        (changed(offers="some"), "'default' or 'all'"),
        (changed(minimize="beauty"), "latency"),
        (changed(redundancy="n+9"), "'n+1'"),
        (changed(p99="200"), "no unit: 200 what? Write it like 200ms"),
        (changed(p99="1us"), "between 1ms and 24h"),
        (changed(p99="-200ms"), "greater than zero"),
        (changed(p99="0ms"), "greater than zero"),
        (changed(p99="NaN"), "not a number"),
        (changed(p99="1e999s"), "finite"),
        (changed(p99=None), "no latency target"),
        (changed(qps="1e30"), "between 0.001 and 10,000,000"),
        (changed(qps="NaN"), "not a number"),
        (changed(qps="-5"), "greater than zero"),
        (changed(qps="0"), "greater than zero"),
        (changed(qps=None), "--qps is missing"),
        (changed(model=None), "--model is missing"),
        (changed(budget="500"), "$500/h"),
        (changed(power="300"), "no unit"),
        (changed(headroom="0.2"), "no unit"),
        (changed(confidence="20%"), "between 50% and 99.5%"),
        (changed(max_types="0"), "--max-types '0' must be at least 1"),
        (changed(burstiness="-1"), "--burstiness '-1' must be more than 0"),
        (changed(isl="1e30"), "between 1 and 2,000,000"),
        (changed(ttft_p99="1s"), "give one of the two"),
        (changed(minimize="latency"), "--budget"),
        (changed(trace="requests.csv"), "requests.csv"),
        (changed(set="qps"), "NAME=VALUE"),
        (changed(set="qsp=5"), "did you mean qps?"),
        (changed(file="none.yaml"), "cannot read spec none.yaml"),
        (changed(catalog="none.csv"), "none.csv"),
        ([*PLAIN, "--qsp", "5"], "--qsp"),
        ([*PLAIN, "--colour"], "--colour"),
        ([*PLAIN, "extra"], "extra"),
        (["slove", *PLAIN], "did you mean solve?"),
        (["SOLVE", *PLAIN], "did you mean solve?"),
        (["--model"], "requires an argument"),
        ([*PLAIN, "-o", "no/folder/plan.json"], "no folder no/folder"),
        ([*PLAIN, "-o", "."], "it is a folder"),
        ([*PLAIN, "--write-lp", "no/folder/p.lp"], "no folder no/folder"),
    ],
)
def test_refused_in_one_line(arguments, hint, recommend, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = recommend(*arguments, "-q") if arguments != ["--model"] else recommend(*arguments)
    assert result.code == 2, result.err
    assert hint in result.complaint
    assert list(tmp_path.iterdir()) == []


def test_nothing_sold_of_what_is_asked_is_missing_data(recommend):
    result = recommend(*changed(gpu="H100", provider="hetzner"), "-q")
    assert result.code in (2, 6)
    result = recommend(*changed(gpu="H100", region="us-east-1", provider="lambda"), "-q")
    assert result.code == 6
    assert "no offer" in result.complaint


def test_every_accelerator_refused(recommend):
    assert recommend(*changed(min_bandwidth="900TB/s"), "-q").code == 6
    assert recommend(*changed(gpu="H100,!H100"), "-q").code == 6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"hidden_size": "big"}',
        '{"architectures": []}',
        "\x00",
        "[" * 5000,
    ],
)
def test_a_config_that_is_none(text, recommend, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(text)
    result = recommend(*changed(model=path), "-q")
    assert result.code in (2, 6)
    assert "config.json" in result.complaint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("offers.csv", "name,price\n\x00"),
        ("offers.csv", "provider,accelerator\nx,H1000\n"),
        ("offers.csv", "provider,nonsense\nx,1\n"),
        ("offers.csv", ""),
        ("accelerators.csv", 'name,"\n'),
        ("nonsense.csv", "a,b\n1,2\n"),
        ("catalog.yaml", "offers: ["),
        ("catalog.yaml", "!!python/object/apply:os.system ['true']"),
        ("catalog.yaml", "offers: [" + "[" * 5000),
        ("models.csv", "id,layers\nmine,-5\n"),
    ],
)
def test_a_corrupt_overlay(name, text, recommend, tmp_path):
    path = tmp_path / name
    path.write_text(text)
    result = recommend(*changed(catalog=path), "-q")
    assert result.code in (2, 6)
    assert name in result.complaint


def test_an_empty_catalogue(recommend, tmp_path):
    result = recommend(*changed(catalog=tmp_path), "-q")
    assert result.code in (2, 6)
    assert "holds no" in result.complaint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema_version": "0"}', "\x00", "[" * 5000]
)
def test_a_corrupt_plan_file(text, recommend, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(text)
    result = recommend("render", path)
    assert result.code == 2
    assert "plan.json" in result.complaint


@pytest.mark.parametrize(
    "more",
    [
        ("--p99", "200"),
        ("--model", "zzzzzz"),
        ("--gpu", "H1000"),
        ("--solver", "nobody"),
        ("--write-lp", "no/folder/x.lp"),
    ],
)
def test_nothing_is_overwritten_on_failure(more, recommend, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text("precious")
    result = recommend(*ASKED, "-o", plan, *more, "-q")
    assert result.code == 2
    assert plan.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_ctrl_c_leaves_no_half_file(recommend, tmp_path, monkeypatch):
    plan = tmp_path / "plan.json"
    plan.write_text("precious")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("recommender.engine.recommend", interrupted)
    result = recommend(*ASKED, "-o", plan, "-q")
    assert result.code == 130
    assert result.err.strip() == "interrupted"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]
    assert plan.read_text() == "precious"


def test_yaml_never_executes(recommend, tmp_path):
    marker = tmp_path / "executed"
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"model: !!python/object/apply:os.system ['touch {marker}']")
    assert recommend("-f", spec).code == 2
    assert not marker.exists()


def test_every_command_refuses_in_the_same_way(recommend, tmp_path):
    for command in ("solve", "front", "candidates"):
        result = recommend(command, *changed(p99="200"))
        assert (result.code, "no unit" in result.complaint) == (2, True)
    result = recommend("what-if", *changed(p99="200"), "--vary", "qps=1,2")
    assert (result.code, "no unit" in result.complaint) == (2, True)


@pytest.mark.parametrize(
    ("gpu", "hint"),
    [("L40", "do with --offers all"), ("H100,!H100", "see `recommend catalog list --all`")],
)
def test_offers_that_none_match_say_what_would(gpu, hint, recommend):
    result = recommend(*changed(gpu=gpu), "-q")
    assert result.code == 6 and hint in result.complaint


def test_a_workload_file_is_no_trace(recommend, tmp_path):
    file = tmp_path / "w.json"
    file.write_text('{"workload_version": "1"}')
    assert "is a workload file already" in recommend("workload", file).complaint
    assert recommend(*ASKED, "-o", tmp_path / "plan.json", "-q").code == 0
    replay = recommend("verify", tmp_path / "plan.json", "--trace", file, "-q")
    assert replay.code == 2 and "replay the trace itself" in replay.complaint


@pytest.mark.parametrize("group", ["catalog", "models"])
def test_groups_alone_show_their_help(group, recommend):
    result = recommend(group)
    assert result.code == 0 and result.out.startswith("Usage: ") and result.err == ""


def test_a_message_stays_one_readable_line(recommend):
    """What is quoted in it may be endless, and so may a list of names."""
    assert len(recommend(*PLAIN, "--set", "a" * 100_000, "-q").complaint) < 1100
    listed = recommend(*changed(region="nowhere-at-all"), "-q").complaint
    assert "recommend catalog list" in listed and len(listed) < 500


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev"])
def test_a_trace_that_is_none(device, recommend):
    result = recommend(*PLAIN, "--trace", device, "-q")
    assert result.code == 2 and device in result.complaint
