"""Ctrl-C: 130 whatever is known by then, and what is known is printed."""

import csv
import ctypes
import signal
import sys
import threading
import time

import pytest
from asked import ASKED

from recommender.interrupts import interrupts_heard, terminated_as_interrupted

TOLD = "interrupted: the answer is as far as it came"
MIXED = ("front", "--model", "8b", "--qps", "600", "--p99", "500ms", "--gpu", "H100,H200,L40S,L4")


def after(calls, real):
    """The same function, with Ctrl-C at the call after so many."""
    left = [calls]

    def called(*asked, **more):
        left[0] -= 1
        if left[0] < 0:
            signal.raise_signal(signal.SIGINT)
        return real(*asked, **more)

    return called


def test_a_front_of_mixed_plans_keeps_its_points(recommend, monkeypatch, tmp_path):
    from recommender.formulation import front_walk as module

    solve = after(3, module.solve_single_service)
    monkeypatch.setattr(module, "solve_single_service", solve)
    file = tmp_path / "front.json"
    asked = (*MIXED, "--max-provider-share", "60%", "--mixed", "cost,accelerators", "-q", "--fast")
    result = recommend(*asked, "--resume", file)
    assert result.code == 130
    assert result.err.strip() == TOLD
    assert "interrupted: incomplete" in " ".join(result.out.split()) and file.exists()


def test_a_plan_that_is_not_explained(recommend, monkeypatch):
    from recommender import engine as module

    monkeypatch.setattr(module, "explained", after(0, module.explained))
    result = recommend(*ASKED, "-q")
    assert result.code == 130 and result.err.strip() == TOLD
    assert "proven optimal" in result.out and "interrupted: not all is explained" in result.out


def test_a_broken_audit_is_told_all_the_same(recommend, monkeypatch):
    from recommender import engine as module
    from recommender.audit.finding import Finding

    broken = Finding(promise="x", stated=1.0, rederived=2.0, unit="", holds=False)
    monkeypatch.setattr(module, "audit", lambda *_, **__: (broken,))
    monkeypatch.setattr(module, "explained", after(0, module.explained))
    assert recommend(*ASKED, "-q").code == 5


def test_a_sweep_keeps_its_steps(recommend, monkeypatch, tmp_path):
    from recommender.what_if import what_if as module

    monkeypatch.setattr(module, "override", after(2, module.override))
    path = tmp_path / "steps.csv"
    result = recommend("what-if", *ASKED, "--vary", "qps=10,20,30,40", "-q", "-o", path)
    assert result.code == 130 and result.err.strip() == TOLD
    assert [row["value"] for row in csv.DictReader(path.open())] == ["10", "20"]


def test_a_sweep_ends_with_the_step_that_kept_what_it_had(recommend, monkeypatch, tmp_path):
    """The engine catches Ctrl-C in a decision; the steps behind it are not begun."""
    from dataclasses import replace

    from recommender.what_if import what_if as module

    real = module.decide

    def decide(*asked):
        study, decision = real(*asked)
        return study, replace(decision, interrupted=True)

    monkeypatch.setattr(module, "decide", decide)
    path = tmp_path / "steps.csv"
    recommend("what-if", *ASKED, "--vary", "qps=10,20", "-q", "-o", path)
    assert [row["value"] for row in csv.DictReader(path.open())] == ["10"]


def test_before_anything_is_known(recommend, monkeypatch, tmp_path):
    from recommender.what_if import what_if as module

    monkeypatch.setattr(module, "override", after(0, module.override))
    path = tmp_path / "steps.csv"
    result = recommend("what-if", *ASKED, "--vary", "qps=10,20", "-q", "-o", path)
    assert result.code == 130 and result.err.strip() == "interrupted"
    assert result.out == "" and not path.exists()


def test_a_batch_ends_where_a_decision_keeps_what_it_has(recommend, monkeypatch, tmp_path):
    """In a process of its own: the decision catches Ctrl-C, the specs behind it are not begun."""
    from recommender.decision import decider as module

    real, calls = module.solved, []

    def solved(*asked):
        calls.append(1)
        if len(calls) == 2:  # once, and the first round is known then
            signal.raise_signal(signal.SIGINT)
        return real(*asked)

    monkeypatch.setattr(module, "solved", solved)
    specs, folder = tmp_path / "specs.csv", tmp_path / "runs"
    header = "name,model,qps,ttft_p99,gpu\n"
    specs.write_text(header + "a,8b,5,1s,H100\nb,8b,6,1s,H100\n")
    result = recommend("batch", specs, "-o", folder, "--jobs", "1", "--simulate", "-q")
    assert result.code == 130 and result.err.splitlines()[-1] == "interrupted"
    assert "decided specs are kept in" in result.err and not (folder / "results.csv").exists()


def test_sigterm_ends_a_batch_as_ctrl_c_does(recommend, monkeypatch, tmp_path):
    def terminated(*_, **__):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("recommender.batch.batch.over_pool", terminated)
    specs = tmp_path / "specs.csv"
    specs.write_text("name,model,qps,ttft_p99,gpu\na,8b,5,1s,H100\n")
    result = recommend("batch", specs, "-o", tmp_path / "runs", "-q")
    assert result.code == 130 and "0 decided specs are kept in" in result.err
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_sigterm_that_is_handled_elsewhere_stays_so():
    heard = []
    signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
    try:
        with terminated_as_interrupted():
            signal.raise_signal(signal.SIGTERM)
        assert heard == [1]
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_each_is_counted_and_raised():
    with interrupts_heard() as heard:
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
    assert len(heard) == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_foreign_code_swallows_comes_again(capfd):
    """ctypes drops what a callback raises, and Python would print it as an ignored exception."""
    callback = ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))
    hook = sys.unraisablehook
    with interrupts_heard() as heard:
        callback()
        with pytest.raises(KeyboardInterrupt):
            time.sleep(5)
    assert len(heard) == 2 and sys.unraisablehook is hook
    assert "ignored" not in capfd.readouterr().err


def test_what_ignores_them_still_does():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_heard() as heard:
            signal.raise_signal(signal.SIGINT)
        assert heard == [] and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_other_threads_hear_none():
    heard = []

    def run():
        with interrupts_heard() as in_thread:
            heard.append(list(in_thread))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert heard == [[]]
