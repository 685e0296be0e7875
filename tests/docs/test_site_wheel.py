from __future__ import annotations

import hashlib
import os
import zipfile
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

import site_wheel
import small_site

NAME = "cnn_tutorial-7.0-py2.py3-none-any.whl"


@pytest.fixture
def root(tmp_path):
    return small_site.write(tmp_path, ["site_wheel"], gallery=False)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_wheel_holds_the_package(root, tmp_path):
    wheel = site_wheel.build_wheel(root, tmp_path / "out")
    assert wheel.name == NAME
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "cnn_tutorial/__init__.py" in names
    assert not [name for name in names if "gallery" in name]


def test_same_checkout_same_bytes(root, tmp_path):
    os.utime(root / "cnn_tutorial" / "__init__.py", (1e9, 1e9))
    one = digest(site_wheel.build_wheel(root, tmp_path / "one"))
    os.utime(root / "cnn_tutorial" / "__init__.py", (1.5e9, 1.5e9))
    two = digest(site_wheel.build_wheel(root, tmp_path / "two"))
    assert one == two
    (root / "cnn_tutorial" / "__init__.py").write_text("x = 1\n")
    assert digest(site_wheel.build_wheel(root, tmp_path / "three")) != one


def test_older_wheels_go(root, tmp_path):
    site_wheel.build_wheel(root, tmp_path / "out")
    settings = root / "pyproject.toml"
    settings.write_text(settings.read_text().replace("7.0", "7.1"))
    site_wheel.build_wheel(root, tmp_path / "out")
    (wheel,) = (tmp_path / "out").iterdir()
    assert "7.1" in wheel.name


@pytest.mark.parametrize("before", [None, "123"])
def test_the_environment_is_as_before(root, tmp_path, monkeypatch, before):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if before:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", before)
    site_wheel.build_wheel(root, tmp_path / "out")
    assert os.environ.get("SOURCE_DATE_EPOCH") == before


def test_a_project_that_cannot_be_built(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    with pytest.raises(site_wheel.WheelError, match="was not built"):
        site_wheel.build_wheel(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("base", "repository", "source"),
    [
        ("https://a.org/c", "", "https://a.org/c/dist/w.whl"),
        ("https://a.org/c/", "o/r", "https://a.org/c/dist/w.whl"),
        ("", "o/r", "git+https://github.com/o/r"),
        ("", "", None),
    ],
)
def test_where_the_package_comes_from(base, repository, source):
    assert site_wheel.install_requirement(base, repository, "w.whl") == source


def app(tmp_path, base="", repository=""):
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "w.whl").touch()
    config = SimpleNamespace(html_baseurl=base, lesson_repository=repository)
    return SimpleNamespace(config=config, doctreedir=tmp_path)


def test_a_notebook_installs_what_is_missing_and_nothing_else(tmp_path):
    command = site_wheel.install_command(app(tmp_path, "https://a.org/"))
    *lines, last = command.splitlines()
    assert last == "    %pip install --quiet https://a.org/dist/w.whl"
    # What a notebook runs when the package is there: nothing.
    ran = []
    code = "\n".join([*lines, "    ran.append(1)"])
    exec(code, {"ran": ran})
    assert ran == []
    exec(code.replace('"cnn_tutorial"', '"no_such_package"'), {"ran": ran})
    assert ran == [1]


def test_a_notebook_of_nowhere_says_how_to_install(tmp_path):
    command = site_wheel.install_command(app(tmp_path))
    assert all(line.startswith("#") for line in command.splitlines())
    assert "pip install ." in command


def test_the_site_serves_one_wheel_and_links_it(root):
    old = root / "docs" / "_build" / "html" / "dist"
    old.mkdir(parents=True)
    (old / "cnn_tutorial-6.0-py3-none-any.whl").touch()
    built = small_site.build(root)
    assert built.warnings == ""
    assert [path.name for path in (built.site / "dist").iterdir()] == [NAME]
    page = BeautifulSoup(built.html("index"), "html.parser")
    link = page.select_one("a.download")
    assert link.text == "package"
    assert link["href"] == f"dist/{NAME}"


def test_links_from_below(root):
    deep = root / "docs" / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "c.rst").write_text(":orphan:\n\nC\n=\n\nA :wheel-link:`wheel`.\n")
    built = small_site.build(root)
    page = BeautifulSoup(built.html("a/b/c"), "html.parser")
    link = page.select_one("a.download")["href"]
    assert (built.site / "a" / "b" / link).resolve().is_file()


def test_other_builders_need_no_wheel(root):
    built = small_site.build(root, builder="text")
    assert "The package." in (built.site / "index.txt").read_text()
    assert not (built.site / "dist").exists()
