from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from cnn_tutorial.exercises import check, hint, solution
from cnn_tutorial.teaching import predict

predict("How many?", 7)
check("mean_loss", lambda losses, sizes: sum(losses) / len(losses))
hint("mean_loss", 1)
solution("mean_loss")
"""


def run(*command, text=None):
    done = subprocess.run(
        [sys.executable, *command],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def test_a_script_prints_what_a_notebook_would_show(tmp_path):
    script = tmp_path / "lesson.py"
    script.write_text(SCRIPT)
    out = run(str(script))
    assert out.count("Predict: How many?") == 1
    assert "Not right yet" in out
    assert out.count("def mean_loss") == 1


def test_a_prompt_shows_it_once(tmp_path):
    script = tmp_path / "lesson.py"
    script.write_text("from cnn_tutorial.teaching import predict\n")
    out = run("-i", "-q", str(script), text='predict("How many?", 7)\n')
    assert out.count("Predict: How many?") == 1


def test_a_library_that_calls_prints_nothing(capsys):
    from cnn_tutorial.teaching import predict

    predict("How many?", 7)
    assert capsys.readouterr().out == ""
