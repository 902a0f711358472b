"""What the commands beside the main one refuse, and names of output that say another format."""

import pytest
from asked import ASKED, PLAIN


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("verify", "plan.json", "--hours", "nan"), "--hours nan"),
        (("render", ""), "name of the plan file is empty"),
        (("verify", " "), "name of the plan file is empty"),
        (("catalog", "list", "--limit", "-1"), "--limit"),
        (("models", "list", "--limit", "-1"), "--limit"),
        (("what-if", *PLAIN, "--vary", "qps=1..1e300:1e-300", "-q"), "endless values"),
        (("what-if", *PLAIN, "--vary", "qps=", "-q"), "0 values"),
        (("what-if", *PLAIN, "--vary", "price=$5/h", "-q"), "of what? Write it like price.NAME"),
        (("what-if", *PLAIN, "--vary", "QPS=5", "-q"), "did you mean qps?"),
        (("help",), "did you mean --help?"),
        (("catalog", "shw"), "unknown command 'shw' of catalog; did you mean show?"),
        (("models", "zzz"), "unknown command 'zzz' of models; known are list, show"),
        (("plan.json",), "did you mean -f plan.json, a spec, or render plan.json, a saved plan?"),
        ((*PLAIN, "-f", "a.yaml", "-f", "b.yaml"), "-f is given 2 times: a.yaml, b.yaml"),
        ((*PLAIN, "--set", "max-types=1", "--set", "max_types=2"), "gives max_types twice: 1, 2"),
        (("batch", "s.csv", "-o", "R", "--set", "qps=1", "--set", "qps=2"), "gives qps twice"),
        (("schema", "plan", "-o", "x.html"), "what is written is JSON; name it *.json"),
        (("catalog", "export", "-o", "x.html"), "what is written is CSV; name it *.csv, or *.json"),
        (("predict", "m.csv", "-o", "x.json"), "what is written is CSV; name it *.csv"),
        (("predict", "m.csv", "-o", "x.xyz"), ".xyz is no format that is known, and what is"),
        (("schema", "plan", "-o", "x.yml"), ".yml is no format that is known, and what is"),
        (("workload", "t.csv", "-o", "x.wl"), "what is written is JSON; name it *.json"),
        (("catalog", "export", "-o", "x.tsv"), "what is written is CSV; name it *.csv, or *.json"),
        (("catalog", "import", "x", "-o", "x.tsv"), "named offers*.csv"),
        (("render", "p.json", "-o", "p.xyz"), "name it *.html, *.htm, *.md, *.json, *.txt"),
        (("batch", __file__, "-o", "x.csv"), "what is written is a folder; leave .csv off"),
        (("workload", "t.csv", "-o", "x.csv"), "what is written is JSON; name it *.json"),
        ((*PLAIN, "--workload", __file__), "is a file; give it as --trace"),
        ((*PLAIN, "--workload", "code", "--trace", "t.csv"), "both say what requests are like"),
        ((*PLAIN, "--workload", "code", "--set", "trace=t.csv"), "keep one of them"),
        (("front", *PLAIN, "--mixed", "cost,power", "--points", "3"), "--points thins fronts"),
        (("front", *PLAIN, "--step", "3"), "--step is for fronts of mixed plans"),
        (("front", *PLAIN, "--resume", "f.json"), "--resume is for fronts of mixed plans"),
        ((*PLAIN, "--solver", "pulp:"), "unknown solver 'pulp:'; PuLP knows"),
        ((*PLAIN, "--solver", "pulp:gurobi"), "did you mean pulp:GUROBI?"),
        ((*PLAIN, "--solver", "pulp:PULP_CBC_CMD"), "it calls wrong answers optimal"),
        ((*PLAIN, "--isl", "10M"), "--isl 10,000,000 must lie"),
        (("solve",), "from; --qps is missing"),
    ],
)
def test_other_commands_refuse_what_cannot_be(arguments, hint, recommend):
    result = recommend(*arguments)
    assert result.code == 2 and hint in result.complaint


@pytest.mark.parametrize(
    ("command", "name", "hint"),
    [
        ((), "plan.html", "name it *.json, or turn it into others by `recommend render`"),
        (("front",), "front.png", "name it *.csv"),
        (("front", "--mixed", "cost,power"), "front.json", "--json"),
        (("what-if", "--vary", "qps=10,20"), "steps.HTML", "name it *.csv"),
        (("candidates",), "all.json", "leave -o out"),
        ((), "p.xyz", ".xyz is no format that is known, and what is written is JSON"),
        (("front",), "f.xyz", "what is written is CSV; name it *.csv"),
        (("candidates",), "c.xyz", "what is written is CSV; name it *.csv"),
        (("what-if", "--vary", "qps=10,20"), "w.xyz", "what is written is CSV; name it *.csv"),
        (("--write-lp", "program.xyz"), "p.json", "must end in .lp or .mps"),
    ],
)
def test_a_name_of_another_format_is_refused(recommend, tmp_path, command, name, hint):
    file = tmp_path / name
    result = recommend(*command, *ASKED, "-o", file)
    assert result.code == 2 and hint in result.complaint
    assert not file.exists()


def test_a_front_is_not_written_over_the_file_that_it_is_kept_in(recommend, tmp_path):
    file = str(tmp_path / "front.csv")
    more = ("--mixed", "cost,power", "-o", file, "--resume", file)
    assert "the same file" in recommend("front", *ASKED, *more).complaint
