"""Notice everything that makes an output old, and let nothing old stay.

Sphinx-Gallery looks at the text of a script, jupyter-cache at the cells of a page,
Sphinx at sources and settings. The digests of :mod:`digests` say the rest: when that of
the *run* changes, every script and notebook runs again; when that of the *site* does,
every page is read and written again.

A page of the gallery is let be only if the facts beside it (:mod:`page_facts`) name
this digest and its files are all there, so a build that was stopped goes on where it
was. Sphinx's own output is let be only if the last build into it ended well: after one
that was stopped or had warnings the next starts from nothing but the pages that ran.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx_gallery.directives import MiniGallery

import page_facts
from digests import run_digest, site_digest

STATE = "build_state.json"


def _is_whole(folder: Path, mark: Path, wanted: str | None) -> bool:
    stem = mark.name.removesuffix(".py.md5")
    facts = page_facts.load(page_facts.facts_path(folder, stem))
    return (
        facts is not None
        and wanted in (None, facts.digest)
        and facts.digest != ""
        and facts.source == mark.read_text()
        and all((folder / name).is_file() for name in facts.outputs)
    )


def drop_marks(gallery: Path, wanted: str | None) -> int:
    """Delete the freshness marks of pages that are old or not whole.

    Parameters
    ----------
    gallery : folder with the output of the gallery
    wanted : digest that the facts of a page must name; None if any will do

    Returns
    -------
    number of marks that were deleted
    """
    old = [
        mark
        for mark in gallery.glob("**/*.py.md5")
        if not _is_whole(mark.parent, mark, wanted)
    ]
    for mark in old:
        mark.unlink()
    return len(old)


def sweep(examples: Path, gallery: Path) -> None:
    """Delete all output whose script is gone.

    Parameters
    ----------
    examples : folder with the chapters
    gallery : folder with their output
    """
    for folder in (path for path in gallery.glob("*") if path.is_dir()):
        scripts = examples / folder.name
        if not scripts.is_dir() and folder.name != "images":
            shutil.rmtree(folder)
            continue
        keep = {"index", *(script.stem for script in scripts.glob("*.py"))}
        found = (path for path in folder.rglob("*") if path.is_file())
        for path in list(found):
            if page_facts.owner(path) not in keep or path.suffix == ".new":
                path.unlink()


class TrackedMiniGallery(MiniGallery):  # type: ignore[misc]
    """A mini-gallery whose page is read again when the examples change."""

    def run(self) -> list[Any]:
        """Note the file that lists who uses what."""
        env = self.state.document.settings.env
        folder = env.config.sphinx_gallery_conf["backreferences_dir"]
        env.note_dependency(f"{folder}/backreferences_all.json")
        nodes: list[Any] = super().run()
        return nodes


def _wipe(app: Sphinx, config: Config) -> None:
    folders = [app.srcdir / name for name in config.staleness_generated]
    if (app.doctreedir / STATE).exists():  # So what is there is ours.
        folders += [app.doctreedir, app.outdir]
    for folder in folders:
        for path in Path(folder).glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_good(app: Sphinx, wanted: Mapping[str, Any]) -> bool:
    state = page_facts.read_json(app.doctreedir / STATE)
    return (
        state.get("end") == "good"
        and all(state.get(key) == value for key, value in wanted.items())
        and all((app.srcdir / path).exists() for path in state["sources"])
    )


def _notebooks(app: Sphinx, wanted: str) -> Path:
    # A kill can come between jupyter-cache's entry of a page and the page.
    caches = Path(app.outdir.parent, ".jupyter_cache")
    killed = "end" not in page_facts.read_json(app.doctreedir / STATE)
    for path in caches.glob("*"):
        if killed or path.name != wanted:
            shutil.rmtree(path)
    return caches / wanted


def _prepare(app: Sphinx, config: Config) -> None:
    conf = config.sphinx_gallery_conf
    examples = app.srcdir / conf["examples_dirs"]
    gallery = app.srcdir / conf["gallery_dirs"]
    wanted = {"site": site_digest(Path(app.confdir), config)}
    sweep(examples, gallery)
    if config.staleness_any_run:
        config.nb_execution_mode = "off"
        config.gallery_digest = "any"
        drop_marks(gallery, None)
    else:
        config.gallery_digest = wanted["run"] = run_digest(Path(app.confdir), config)
        drop_marks(gallery, wanted["run"])
        config.nb_execution_cache_path = str(_notebooks(app, wanted["run"]))
    if not _is_good(app, wanted):
        _wipe(app, config)
    page_facts.write_json(app.doctreedir / STATE, wanted)


def _prune(app: Sphinx, exception: Exception | None) -> None:
    # Sphinx never removes a picture from the site; pages may share a name.
    if exception is None:
        used = {name for _, name in app.env.images.values()}
        for name in set(app.config.gallery_vanished) - used:
            (app.outdir / "_images" / name).unlink(missing_ok=True)


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app._warncount:
        return
    state = page_facts.read_json(app.doctreedir / STATE)
    paths = (Path(app.env.doc2path(name)) for name in sorted(app.env.found_docs))
    state["sources"] = [os.path.relpath(path, app.srcdir) for path in paths]
    page_facts.write_json(app.doctreedir / STATE, {**state, "end": "good"})


def note_failure(doctrees: Path) -> None:
    """Tell the next build that the last one failed, but was not killed.

    Parameters
    ----------
    doctrees : folder of Sphinx's own state
    """
    state = page_facts.read_json(doctrees / STATE)
    page_facts.write_json(doctrees / STATE, {**state, "end": "failed"})


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events; declare what outputs hang on."""
    app.setup_extension("sphinx_gallery.gen_gallery")
    app.setup_extension("isolated_gallery")
    app.add_directive("minigallery", TrackedMiniGallery, override=True)
    app.add_config_value("staleness_run", [], "")
    app.add_config_value("staleness_modules", [], "")
    app.add_config_value("staleness_site", [], "")
    app.add_config_value("staleness_versions", [], "")
    app.add_config_value("staleness_generated", [], "")
    app.add_config_value("staleness_any_run", False, "")
    # Other extensions change the settings of the gallery at 5, and at 10 it completes
    # them; the last environment is loaded later.
    app.connect("config-inited", _prepare, priority=8)
    app.connect("build-finished", _prune)
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
