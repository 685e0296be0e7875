"""MNIST, Fashion-MNIST and CIFAR-10: found, checked, read and fetched."""

from __future__ import annotations

import errno
import gzip
import http.server
import os
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch
import torchvision

import fake_datasets
from cnn_tutorial import datasets
from cnn_tutorial.datasets import archives, downloads, integrity

NAMES = list(archives.ARCHIVES)
CLASSES = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST", "cifar10": "CIFAR10"}
needs_debian = pytest.mark.skipif(
    not archives.DEBIAN.exists(),
    reason="Debian's package dataset-fashion-mnist is not installed",
)


@pytest.fixture(autouse=True)
def only_what_tests_put_there(request, monkeypatch, tmp_path):
    """Look neither into the user's cache nor, unless told to, at Debian's copy."""
    monkeypatch.setenv("CNN_TUTORIAL_DATA", str(tmp_path / "root"))
    if "debian" not in request.node.name:
        fashion = replace(archives.ARCHIVES["fashion-mnist"], elsewhere=())
        monkeypatch.setitem(archives.ARCHIVES, "fashion-mnist", fashion)


@pytest.fixture
def site(fake_root, monkeypatch):
    """A server on this machine that torchvision takes for the publishers'."""
    files = {"cifar-10-python.tar.gz": fake_datasets.pack_cifar(fake_root)}
    for source in ("MNIST", "FashionMNIST"):
        for path in (fake_root / source / "raw").iterdir():
            files[f"{source}/{path.name}"] = path.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self, body=False):
            content = files.get(self.path.lstrip("/"))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if body and content:
                self.wfile.write(content)

        def do_GET(self):
            asked.append(self.path)
            self.do_HEAD(body=True)

        def log_message(self, *args):
            pass

    asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    published = torchvision.datasets
    monkeypatch.setattr(published.MNIST, "mirrors", [f"{address}/MNIST/"])
    monkeypatch.setattr(published.FashionMNIST, "mirrors", [f"{address}/FashionMNIST/"])
    monkeypatch.setattr(published.CIFAR10, "url", f"{address}/cifar-10-python.tar.gz")
    digest = fake_datasets.hashlib.md5(files["cifar-10-python.tar.gz"]).hexdigest()
    monkeypatch.setattr(published.CIFAR10, "tgz_md5", digest)
    server.files, server.asked = files, asked
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", NAMES)
def test_reads_what_torchvision_reads(fake_root, name):
    data = datasets.load(name, root=fake_root)
    assert all(a.flags.writeable for a in integrity.read(name, root=fake_root)["test"])
    info = data.info
    assert info.splits == {"train": 252, "validation": 28, "test": 40}
    assert replace(info, splits={}) == replace(datasets.describe(name), splits={})
    assert data.validation.labels.bincount().tolist() == [3] * 8 + [2] * 2
    published = getattr(torchvision.datasets, CLASSES[name])
    folder = fake_root / archives.ARCHIVES[name].folder
    for packed in folder.glob("*.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    for train, parts in ((True, (data.train, data.validation)), (False, (data.test,))):
        theirs = published(fake_root, train=train)
        pixels = np.asarray(theirs.data)
        pixels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
        labels = np.asarray(theirs.targets).tolist()
        expected = sorted(zip(map(bytes, pixels), labels, strict=True))
        found = sorted(
            (image.numpy().tobytes(), int(label))
            for part in parts
            for image, label in zip(part.images, part.labels, strict=True)
        )
        assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_padding_to_32(fake_root, name):
    data = datasets.load(name, root=fake_root, size=32)
    assert data.train.images.shape[-2:] == (32, 32)
    if name != "cifar10":
        plain = datasets.load(name, root=fake_root)
        assert torch.equal(data.test.images[..., 2:30, 2:30], plain.test.images)
        assert data.test.images[..., :2, :].max() == 0
        assert data.test.images.sum() == plain.test.images.sum()


@pytest.mark.parametrize("name", NAMES)
def test_missing_data_is_one_clear_message(name, no_network, tmp_path):
    for function in (datasets.load, datasets.verify):
        with pytest.raises(datasets.DataError) as caught:
            function(name)
        said = str(caught.value)
        assert f"Data set {name!r}" in said
        assert str(tmp_path / "root" / archives.ARCHIVES[name].folder) in said
        assert f"python -m cnn_tutorial data get {name}." in said
        assert "CNN_TUTORIAL_DATA" in said
        assert "\n" not in said
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not (tmp_path / "root").exists()


def test_advice_names_another_root(tmp_path):
    with pytest.raises(datasets.DataError) as caught:
        datasets.load("mnist", root=tmp_path / "my data")
    assert f'data get mnist --root "{tmp_path / "my data"}".' in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", ["half", "flipped", "missing", "a folder"])
def test_damaged_files_are_named(fake_root, name, damage):
    archive = archives.ARCHIVES[name]
    victim = fake_root / archive.folder / archive.files[1]
    content = victim.read_bytes()
    victim.unlink()
    if damage == "half":
        victim.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "a folder":
        victim.mkdir()
    expected = {
        "half": f"half a file or damaged ({len(content) // 2:,} bytes",
        "flipped": f"half a file or damaged ({len(content):,} bytes",
        "missing": "is missing",
        "a folder": "cannot be read",
    }
    for function in (datasets.load, datasets.verify):
        with pytest.raises(datasets.DataError) as caught:
            function(name, root=fake_root)
        assert victim.name in str(caught.value)
        assert expected[damage] in str(caught.value)
        # Only that one is complained about.
        assert archive.files[0] not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_verify_lists_the_files(fake_root, name):
    paths = datasets.verify(name, root=fake_root)
    assert [path.name for path in paths] == list(archives.ARCHIVES[name].files)
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("name", NAMES)
def test_download_and_again(site, name, tmp_path, capsys):
    root = tmp_path / "root"
    data = datasets.load(name, download=True)
    assert len(data.test) == 40
    assert capsys.readouterr() == ("", "")
    archive = archives.ARCHIVES[name]
    left = [path for path in root.rglob("*") if path.is_file()]
    assert {path.name for path in left} == set(archive.files)
    assert not list(root.glob(".partial*"))
    before = {path: path.stat().st_mtime_ns for path in left}
    site.asked.clear()
    assert downloads.fetch(name) == root / archive.folder
    assert not site.asked
    assert {path: path.stat().st_mtime_ns for path in left} == before


@pytest.mark.parametrize("name", NAMES)
def test_download_mends_what_is_damaged(site, name, tmp_path):
    folder = downloads.fetch(name)
    victim = folder / archives.ARCHIVES[name].files[0]
    victim.write_bytes(b"half")
    with pytest.raises(datasets.DataError, match="half a file"):
        datasets.load(name)
    assert len(datasets.load(name, download=True).test) == 40


@pytest.mark.parametrize("name", NAMES)
def test_wrong_checksum_from_the_network_keeps_nothing(site, name, tmp_path):
    for path, content in site.files.items():
        site.files[path] = content[: len(content) // 2]
    with pytest.raises(datasets.DataError, match=r"nothing was kept.*data get"):
        downloads.fetch(name)
    assert list((tmp_path / "root").rglob("*")) == []


@pytest.mark.parametrize("name", NAMES)
def test_download_without_a_network(name, no_network, fake_root, tmp_path, capsys):
    with pytest.raises(
        datasets.DataError, match=r"is there a network.*data get"
    ) as caught:
        downloads.fetch(name)
    assert len(str(caught.value)) < 900
    assert caught.value.__suppress_context__
    assert list((tmp_path / "root").rglob("*")) == []
    assert capsys.readouterr() == ("", "")


def test_nothing_is_downloaded_unless_asked(site, tmp_path):
    with pytest.raises(datasets.DataError):
        datasets.load("mnist")
    assert not site.asked


def test_full_disk(site, tmp_path, monkeypatch):
    def half(url, filename, *args, **kwargs):
        Path(filename).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(filename))

    monkeypatch.setattr(torchvision.datasets.utils, "_urlretrieve", half)
    with pytest.raises(
        datasets.DataError, match=r"is full; nothing was kept.*data get"
    ):
        downloads.fetch("mnist")
    assert list((tmp_path / "root").rglob("*")) == []


def test_no_permission(site, tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(datasets.DataError, match=r"no permission to write to .*root"):
        downloads.fetch("mnist")


def test_folder_that_is_read_only(site, tmp_path):
    root = tmp_path / "root"
    root.mkdir(mode=0o500)
    if os.access(root, os.W_OK):
        pytest.skip("for this user no folder is read-only")
    with pytest.raises(datasets.DataError, match=r"no permission to write to .*root"):
        downloads.fetch("mnist")


def test_root_that_is_a_file(site, tmp_path):
    (tmp_path / "root").write_text("not a folder")
    with pytest.raises(
        datasets.DataError, match=r"root is not a folder.*CNN_TUTORIAL_DATA"
    ):
        downloads.fetch("mnist")


def test_ctrl_c_leaves_nothing(site, tmp_path, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(torchvision.datasets.utils, "_urlretrieve", interrupt)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(7.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            downloads.fetch("mnist")
        assert socket.getdefaulttimeout() == 7.0
    finally:
        socket.setdefaulttimeout(before)
    assert list((tmp_path / "root").rglob("*")) == []


@pytest.mark.parametrize("damage", ["half", "another"])
def test_files_are_checked_even_if_torchvision_does_not(
    site, tmp_path, monkeypatch, damage
):
    utils = torchvision.datasets.utils
    # Before each of the four downloads "not there", after it "right".
    calls = iter([False, True] * 4)
    monkeypatch.setattr(utils, "check_integrity", lambda path, md5=None: next(calls))
    name = "MNIST/t10k-labels-idx1-ubyte.gz"
    labels = gzip.decompress(site.files[name])
    whole = gzip.compress(labels[:-1] + b"\x09")
    site.files[name] = whole if damage == "another" else whole[: len(whole) // 2]
    with pytest.raises(datasets.DataError, match="nothing was kept"):
        downloads.fetch("mnist")
    assert list((tmp_path / "root").rglob("*")) == []


def test_what_a_killed_download_left_is_swept_away_in_time(site, tmp_path):
    root = tmp_path / "root"
    old, young = root / ".partial-old", root / ".partial-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "half").write_bytes(b"half")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    downloads.fetch("mnist")
    assert not old.exists()
    # Somebody may be at it.
    assert (young / "half").exists()


def test_progress_goes_to_standard_error(site, capsys):
    downloads.fetch("mnist", progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "100" in err


def test_data_root(monkeypatch, tmp_path):
    assert datasets.data_root() == tmp_path / "root"
    monkeypatch.setenv("CNN_TUTORIAL_DATA", "~/data")
    assert datasets.data_root() == Path.home() / "data"
    monkeypatch.setenv("CNN_TUTORIAL_DATA", "")
    cache = platformdirs.user_cache_path("cnn-tutorial", appauthor=False)
    assert datasets.data_root() == cache


def test_present_looks_for_all_files(fake_root):
    folder = fake_root / "MNIST" / "raw"
    assert integrity.present("mnist", root=fake_root) == folder
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert integrity.present("mnist", root=fake_root) is None


def test_torchvision_has_the_tables_that_we_lean_on():
    for name, archive in archives.ARCHIVES.items():
        checksums = archive.md5()
        assert set(archive.files) == set(checksums), name
        assert all(len(checksum) == 32 for checksum in checksums.values())


def test_classes_are_torchvisions():
    published = torchvision.datasets
    assert (
        list(datasets.describe("fashion-mnist").classes)
        == published.FashionMNIST.classes
    )
    digits = [name.split(" - ")[0] for name in published.MNIST.classes]
    assert list(datasets.describe("mnist").classes) == digits


@needs_debian
def test_debian_copy_is_found_and_its_facts_are_facts(no_network):
    data = datasets.load("fashion-mnist")
    assert data.info == datasets.describe("fashion-mnist")
    assert data.train.labels.bincount().tolist() == [5400] * 10
    assert data.validation.labels.bincount().tolist() == [600] * 10
    assert data.test.labels.bincount().tolist() == [1000] * 10
    pixels = torch.cat([data.train.images, data.validation.images]).float() / 255
    assert round(pixels.mean().item(), 4) == data.info.mean[0]
    assert round(pixels.std().item(), 4) == data.info.std[0]
    # The sample is a part of it.
    whole = {image.numpy().tobytes() for image in data.test.images}
    sample = datasets.load("fashion-sample").test.images
    assert all(image.numpy().tobytes() in whole for image in sample)


@needs_debian
def test_debian_copy_serves_when_ours_is_damaged(tmp_path):
    raw = tmp_path / "root" / "FashionMNIST" / "raw"
    fake_datasets.write_mnist(raw, seed=4)
    assert datasets.verify("fashion-mnist")[0].parent == archives.DEBIAN
    assert downloads.fetch("fashion-mnist") == archives.DEBIAN


def test_content_packed_anew_is_recognised_by_its_own_checksum():
    content = b"the same in another wrapping"
    digest = fake_datasets.hashlib.sha256(content).hexdigest()
    for level in (1, 9):
        packed = gzip.compress(content, level)
        assert integrity._checked(packed, "0" * 32, digest) == content
        for broken in (packed[:-3], packed[:-9], b"\x1f\x8bnonsense"):
            with pytest.raises(ValueError, match="half a file or damaged"):
                integrity._checked(broken, "0" * 32, digest)
    with pytest.raises(ValueError, match="damaged"):
        integrity._checked(gzip.compress(b"other"), "0" * 32, digest)


def test_unknown_name():
    with pytest.raises(ValueError, match="'mnist', 'fashion-mnist', 'cifar10'"):
        downloads.fetch("digits")
