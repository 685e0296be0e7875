"""Every module can be imported alone, costs what it may cost, and does nothing else."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import cnn_tutorial
from source import declared, distributions, imports

PACKAGE = Path(cnn_tutorial.__file__).parent
PROBE = Path(__file__).with_name("import_probe.py")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], prefix="cnn_tutorial.")
)
# Shapes, the labs and the command line start in milliseconds.
WITHOUT_TORCH = ("__main__", "_validation", "arithmetic", "cli", "profiles")
HEAVY = {"matplotlib", "numpy", "PIL", "scipy", "skimage", "sklearn", "torch"}
# Library -> the only room that may import it.
ROOMS = {
    "matplotlib": "plotting",
    "torchvision": "datasets benchmarks",
    "skimage": "benchmarks",
    "sklearn": "training",
}

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def room(module: str) -> str:
    """Return the part of the package that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def probe(tmp_path_factory, preload: str, modules: list[str]) -> dict[str, dict]:
    home = tmp_path_factory.mktemp("home")
    kept = {key: value for key, value in os.environ.items() if "COV" not in key}
    answer = subprocess.run(
        [sys.executable, "-W", "error", str(PROBE), preload, *modules],
        env=kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> dict[str, dict]:
    return probe(tmp_path_factory, "torch", MODULES)


@pytest.fixture(scope="module")
def imported_bare(tmp_path_factory) -> dict[str, dict]:
    light = [module for module in MODULES if room(module) in WITHOUT_TORCH]
    return probe(tmp_path_factory, "", ["cnn_tutorial", *light])


@needs_fork
@pytest.mark.parametrize("module", MODULES)
def test_module_imports_alone_and_does_nothing_else(module, imported):
    done = imported[module]
    assert done["error"] is None
    assert done["printed"] == ""
    # matplotlib writes its font cache on its first import: its own business.
    assert [thing for thing in done["changed"] if thing != "home"] == []
    if room(module) != "plotting":
        assert "home" not in done["changed"]


@needs_fork
@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_stay_in_their_rooms(module, imported):
    loaded = {name.partition(".")[0] for name in imported[module]["loaded"]}
    if room(module) != "plotting" or module == "cnn_tutorial.plotting":
        assert "matplotlib" not in loaded
    # Not even there: whoever only trains on digits need not wait for them.
    assert not loaded & {"torchvision", "skimage", "sklearn"}


@needs_fork
def test_light_modules_are_light(imported_bare):
    assert len(imported_bare) > len(WITHOUT_TORCH) - 2
    for module, done in imported_bare.items():
        assert done["error"] is None, module
        loaded = {name.partition(".")[0] for name in done["loaded"]}
        assert not loaded & HEAVY, module


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_source_names_a_library_only_in_its_room(path):
    names = imports(path)
    here = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for library, rooms in ROOMS.items():
        assert library not in names or here in rooms.split()


def test_probe_sees_what_it_looks_for(tmp_path, monkeypatch, tmp_path_factory):
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    bad = tmp_path / "bad_manners.py"
    bad.write_text(
        "import os, random, pathlib, fractions\n"
        "print('hello')\n"
        "random.seed(1)\n"
        "os.environ['RUDE'] = '1'\n"
        "(pathlib.Path.home() / 'litter').mkdir()\n"
    )
    (tmp_path / "broken.py").write_text("import no_such_module\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = probe(tmp_path_factory, "", ["bad_manners", "broken"])
    assert done["bad_manners"]["printed"] == "hello\n"
    assert done["bad_manners"]["changed"] == ["environment", "random", "home"]
    assert "fractions" in done["bad_manners"]["loaded"]
    assert "no_such_module" in done["broken"]["error"]


def test_metadata_declares_what_package_and_lessons_import_and_no_more():
    lessons = (PACKAGE.parent / "gallery").rglob("*.py")
    used = set().union(*(imports(path) for path in [*PACKAGE.rglob("*.py"), *lessons]))
    # Their digits and photographs are read as files; an import would take a second.
    read = {"scikit-image", "scikit-learn"}
    # Notebooks have IPython; plotting asks whether it is there.
    assert distributions(used - {"IPython"}) | read == declared()
