from __future__ import annotations

import dataclasses
import json
import math
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from cnn_tutorial import records
from cnn_tutorial.records import RunRecord, environment, peak_memory

RECORD = RunRecord(
    config={"model": "LeNet", "epochs": 3, "betas": [0.9, 0.999], "none": None},
    curves={
        "train_loss": [2.5, 0.1, 1 / 3],
        "validation_loss": [math.inf, 1e-300, 7.0],
    },
    seed=11,
    versions={"python": "3.11.0"},
    hardware={"cpus": 2},
    seconds=1.25,
    peak_memory=123_456_789,
)


@pytest.fixture
def content(tmp_path):
    RECORD.save(tmp_path / "run.json")
    return json.loads((tmp_path / "run.json").read_text())


def test_a_record_comes_back_as_it_was(tmp_path):
    path = tmp_path / "run.json"
    RECORD.save(path)
    assert RunRecord.load(path) == RECORD
    assert RunRecord.load(str(path)) == RECORD
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_numbers_that_json_does_not_have(tmp_path):
    record = dataclasses.replace(RECORD, curves={"x": [math.nan, math.inf, -math.inf]})
    record.save(tmp_path / "run.json")

    def refuse(name):
        raise AssertionError(name)

    # Strict readers, browsers among them, take the file.
    json.loads((tmp_path / "run.json").read_text(), parse_constant=refuse)
    x = RunRecord.load(tmp_path / "run.json").curves["x"]
    assert math.isnan(x[0])
    assert x[1:] == [math.inf, -math.inf]


def test_the_file_names_its_form(content):
    assert content["format"] == "cnn_tutorial run record"
    assert content["schema"] == 1
    assert content["curves"]["train_loss"] == [2.5, 0.1, 1 / 3]


def test_an_older_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    RECORD.save(path)
    newer = dataclasses.replace(RECORD, seed=12)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            newer.save(path)
    assert RunRecord.load(path) == RECORD
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
    newer.save(path)
    assert RunRecord.load(path).seed == 12


def test_what_json_does_not_know_is_refused_and_nothing_written(tmp_path):
    record = RunRecord(config={"weights": torch.zeros(3)})
    with pytest.raises(TypeError, match="Tensor"):
        record.save(tmp_path / "run.json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        RECORD.save(tmp_path / "missing" / "run.json")
    with pytest.raises(FileNotFoundError):
        RunRecord.load(tmp_path / "run.json")


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "run.json"
    RECORD.save(path)
    whole = path.read_bytes()
    for end in (0, 1, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:end])
        with pytest.raises(ValueError, match=r"run\.json'\) is no JSON"):
            RunRecord.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is no JSON"):
        RunRecord.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("format"), 'does not say "format"'),
        (lambda c: c.update(format="else"), 'does not say "format"'),
        (lambda c: c.update(schema=2), r"its schema is 2; this version reads 1"),
        (lambda c: c.pop("schema"), "its schema is None"),
        (lambda c: c.pop("seconds"), "missing or unknown: seconds"),
        (lambda c: c.update(extra=1, more=2), "missing or unknown: extra, more"),
        (lambda c: c.update(curves=[1, 2]), "`curves` must be an object"),
        (lambda c: c.update(curves={"x": ["a"]}), "hold numbers.*'a'"),
        (lambda c: c.update(curves={"x": 3}), "hold numbers"),
        (lambda c: c.update(seconds=None), "hold numbers"),
    ],
)
def test_another_file_is_refused_by_what_is_wrong(content, tmp_path, change, message):
    change(content)
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"other.json.*is no run record: .*{message}"):
        RunRecord.load(path)


@pytest.mark.parametrize("text", ["[]", "3", "null", '"text"'])
def test_other_json_is_refused(tmp_path, text):
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(ValueError, match="no run record"):
        RunRecord.load(tmp_path / "other.json")


def test_records_do_not_share_their_fields():
    assert RunRecord().curves is not RunRecord().curves
    assert RunRecord().created.endswith("+00:00")


def test_environment_says_what_is_here():
    found = environment()
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["torch"] == str(torch.__version__).split("+")[0]
    assert found["versions"]["numpy"] == np.__version__
    assert found["hardware"]["device"] == "cpu"
    assert found["hardware"]["cpus"] == os.cpu_count()
    assert found["hardware"]["threads"] == torch.get_num_threads()
    assert found["hardware"]["processor"]
    json.dumps(found)


def test_environment_names_nobody():
    text = json.dumps(environment())
    assert platform.node() not in text
    assert str(Path.cwd()) not in text
    assert str(Path.home()) not in text


def test_a_missing_package_is_left_out(monkeypatch):
    monkeypatch.setattr(records._environment, "_PACKAGES", ("torch", "no-such-package"))
    assert environment()["versions"].keys() == {"python", "torch"}


def test_peak_memory_is_in_bytes_and_stays():
    program = """
from cnn_tutorial.records import peak_memory
before = peak_memory()
block = b"x" * 2**27
during = peak_memory()
del block
print(before, during, peak_memory())
"""
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    before, during, after = map(int, output.split())
    assert 2**27 <= during - before < 2**28
    assert before > 2**22
    assert after >= during - 2**21  # the kernel counts pages in bundles


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_peak_memory_agrees_with_resource_usage():
    import resource

    # Of this process and whoever started it: at least as much.
    usage = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert 2**24 < peak_memory() <= usage + 2**22


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_peak_memory_without_proc(monkeypatch):
    read = Path.read_text

    def missing(path, **settings):
        if path.parts[1] == "proc":
            raise FileNotFoundError(path)
        return read(path, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", missing)
        from_usage = peak_memory()
        assert environment()["hardware"]["processor"]
    assert from_usage >= peak_memory() - 2**22


@pytest.mark.cuda
def test_a_gpu():  # pragma: cuda
    device = torch.device("cuda")
    assert environment(device)["hardware"]["gpu"] == torch.cuda.get_device_name()
    torch.cuda.reset_peak_memory_stats()
    before = peak_memory(device)
    block = torch.empty(2**20, device=device)
    assert peak_memory(device) >= before + block.nbytes
