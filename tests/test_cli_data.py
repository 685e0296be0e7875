"""``python -m cnn_tutorial data``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cnn_tutorial import datasets
from cnn_tutorial.cli import main
from cnn_tutorial.datasets import downloads
from fake_datasets import fake_root

__all__ = ["fake_root"]


@pytest.fixture(autouse=True)
def empty_root(monkeypatch, tmp_path):
    monkeypatch.setenv("CNN_TUTORIAL_DATA", str(tmp_path / "root"))


def run(*arguments):
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


def test_list_names_everything(tmp_path):
    result = run("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        *("NAME", "IMAGES", "CLASSES", "TRAIN", "VALIDATION", "TEST", "WHERE")
    ]
    for name in datasets.list_datasets():
        [line] = [line for line in lines if line.startswith(f"{name} ")]
        sizes = [f"{n:,}" for n in datasets.describe(name).splits.values()]
        assert line.split()[3:6] == sizes
    assert "not here; python -m cnn_tutorial data get mnist" in result.stdout
    assert str(tmp_path / "root") in result.stdout
    assert "Profile docs: digits = digits, grey = fashion-sample" in result.stdout
    assert result.stdout.isascii()


def test_list_says_where_the_files_are(fake_root):
    result = run("list", "--root", fake_root)
    assert str(fake_root / "cifar-10-batches-py") in result.stdout


def test_list_as_json(fake_root, monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_DATA", str(fake_root))
    facts = {entry["name"]: entry for entry in json.loads(run("list", "--json").stdout)}
    assert list(facts) == datasets.list_datasets()
    assert facts["digits"]["available"]
    assert facts["digits"]["folder"] is None
    assert facts["mnist"]["folder"] == str(fake_root / "MNIST" / "raw")
    assert facts["cifar10"]["size"] == [32, 32]
    assert facts["photo-patches"]["splits"]["train"] == 6000
    (fake_root / "cifar-10-batches-py" / "test_batch").unlink()
    facts = {entry["name"]: entry for entry in json.loads(run("list", "--json").stdout)}
    assert not facts["cifar10"]["available"]


def test_get_what_comes_with_the_installation():
    result = run("get", "digits")
    assert result.exit_code == 0
    assert "nothing to download" in result.stdout


def test_get_what_is_there(fake_root):
    for _ in range(2):
        result = run("get", "mnist", "--root", fake_root)
        assert result.exit_code == 0
        assert result.stdout == (
            f"mnist is in {fake_root / 'MNIST' / 'raw'}: every file is right.\n"
        )


def test_get_without_a_network_is_one_message(monkeypatch):
    from torchvision.datasets import utils

    def refuse(*args, **kwargs):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(utils, "_get_redirect_url", refuse)
    result = run("get", "cifar10")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: Data set 'cifar10': the download failed")
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_verify(fake_root):
    result = run("verify", "cifar10", "--root", fake_root)
    assert result.exit_code == 0
    assert result.stdout.count("right: ") == 7
    (fake_root / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"half")
    result = run("verify", "cifar10", "--root", fake_root)
    assert result.exit_code == 1
    assert "data_batch_3 is half a file or damaged (4 bytes" in result.stderr
    assert "data get cifar10 --root" in result.stderr


@pytest.mark.parametrize("name", ["digits", "fashion-sample", "photo-patches"])
def test_verify_what_comes_with_the_installation(name):
    assert run("verify", name).exit_code == 0


def test_verify_a_folder(tmp_path):
    result = run("verify", f"folder:{tmp_path / 'no'}")
    assert result.exit_code == 1
    assert "there is no such folder" in result.stderr


@pytest.mark.parametrize("command", ["get", "verify"])
def test_unknown_name_is_a_mistake_in_the_command(command):
    result = run(command, "minst")
    assert result.exit_code == 2
    assert "Did you mean 'mnist'?" in result.stderr
    assert "Usage:" in result.stderr


def test_wrong_setting_is_one_message(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "fast")
    result = run("list")
    assert result.exit_code == 1
    assert "Error: `CNN_TUTORIAL_PROFILE` (='fast') must be one of" in result.stderr


def test_defects_keep_their_traceback(monkeypatch):
    def broken(*args, **kwargs):
        raise TypeError("a defect")

    monkeypatch.setattr(downloads, "fetch", broken)
    result = run("get", "mnist")
    assert isinstance(result.exception, TypeError)


@pytest.mark.parametrize("command", ["list", "get", "verify"])
def test_help_has_examples(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    examples = result.stdout.split("Examples:\n")[1].splitlines()
    for line in examples:
        assert line.startswith(f"    python -m cnn_tutorial data {command}")


def test_no_command_shows_the_commands():
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 2
    assert "List, get and verify data sets." in result.output
    assert (
        CliRunner().invoke(main, ["--version"]).output.startswith("cnn-tutorial, ver")
    )
    assert "No such command 'dat'" in CliRunner().invoke(main, ["dat"]).output


def test_as_a_module():
    command = [sys.executable, "-m", "cnn_tutorial", "data", "get", "no-such-data"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    # As it is to be typed again.
    assert "Usage: python -m cnn_tutorial data get" in result.stderr


def test_listing_does_not_wait_for_torch():
    code = (
        "import sys; from cnn_tutorial.cli import main; "
        "main(['data', 'list'], standalone_mode=False); "
        "assert not {'torch', 'torchvision', 'sklearn', 'skimage'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
