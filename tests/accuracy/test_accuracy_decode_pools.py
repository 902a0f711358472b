"""Pools that only decode: which runs of the wheel are read, and at which batch."""

import csv
import io

import pytest

from recommender.accuracy.fit.decode_pools import pool_records
from recommender.accuracy.fit.measured import read_measured, understood
from recommender.accuracy.fit.wheel import SAMPLE

RUN = {
    "id": "run", "silicon_data_source": "db; silicon_concurrency=2048; measured=2026-02-08",
    "backend": "sglang", "backend_version": "0.5.8", "model_path": "deepseek-ai/DeepSeek-V3",
    "system": "gb200", "precision": "fp4", "mode": "disagg", "isl": "1024", "osl": "1001",
    "decode_batch_size": "64", "decode_num_workers": "2", "decode_tp_size": "1",
    "decode_attention_dp_size": "32", "decode_moe_ep_size": "32", "decode_moe_tp_size": "1",
    "tp_size": "", "attention_dp_size": "", "moe_ep_size": "", "moe_tp_size": "",
    "batch_size": "", "silicon_ttft_ms": "4000", "silicon_tpot_ms": "16",
}  # fmt: skip


def wheel(tmp_path, *changes):
    """An installed wheel with these runs."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(RUN))
    writer.writeheader()
    writer.writerows({**RUN, **change} for change in changes)
    path = tmp_path / SAMPLE
    path.parent.mkdir(parents=True)
    path.write_text(text.getvalue(), encoding="utf-8")
    return tmp_path


def test_the_batch_by_hand(tmp_path):
    """1,024 requests of a worker spend 16 s of 20 s in the pool: 819.2, 25.6 per rank."""
    (record,) = pool_records(wheel(tmp_path, {}))
    assert float(record["concurrency_or_batch"]) == pytest.approx(819.2)
    assert (record["gpu_count"], record["dp"], record["ep"]) == ("32", "32", "32")
    assert record["engine_version"] == "2026-02"
    (question,) = understood([record]).questions
    assert question.scenario.concurrency == pytest.approx(25.6)
    assert (question.load.kind, question.quantity.name) == ("static", "tpot")


def test_many_ranks_hold_whole_experts(tmp_path):
    (record,) = pool_records(wheel(tmp_path, {"decode_moe_ep_size": "1"}))
    assert record["ep"] == "32"


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "agg"},
        {"decode_batch_size": ""},
        {"silicon_data_source": "db; measured=2026-02-08"},
        {"system": "b60"},
        {"silicon_tpot_ms": "0"},
        {"decode_attention_dp_size": "4", "decode_moe_ep_size": "1"},
    ],
    ids=["one pool", "no batch", "no concurrency", "accelerator", "no time", "sliced experts"],
)
def test_other_runs_are_not_read(tmp_path, change):
    assert not list(pool_records(wheel(tmp_path, change)))


def test_one_run_counts_once_and_joins_the_others(tmp_path):
    runs = ({}, {"model_path": "deepseek-ai/DeepSeek-R1"}, {"silicon_tpot_ms": "15"})
    whole = wheel(tmp_path, *runs, {"mode": "agg", "tp_size": "8", "batch_size": "8"})
    assert len(list(pool_records(whole))) == 2
    read = read_measured([], whole)
    assert [q.row.notes for q in read.questions] == ["", "", "decode pool", "decode pool"]
