"""What is known of a page that ran: kept beside it, as ``CHAPTER/NAME.facts.json``.

The file is written when everything else of the page is, so it also proves that the page
is whole: :mod:`staleness` lets a page be that has it, and runs the others again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

_IMAGE = re.compile(r"sphx_glr_(?P<stem>.+?)_(?:\d{3}(?!\d)|thumb\b)")


@dataclass(frozen=True)
class PageFacts:
    """Facts of one lesson.

    Parameters
    ----------
    page : chapter and script, such as ``20_convolution/30_unfold``
    title : of the page
    seconds : that the script took
    budget : seconds that it should take
    peak_mb : peak of resident memory, MB of 10**6 bytes
    gpu_mb : peak of memory allocated on the GPU, MB; None where none was used
    device : ``cpu`` or the name of the GPU
    profile : ``smoke``, ``docs`` or ``full``
    date : of the run, ISO 8601, UTC
    digest : of all that the outputs hang on besides the script; empty for a page with
        warnings, which must run again to give them again
    source : md5 of the script
    outputs : files, relative to the folder of the page
    """

    page: str
    title: str
    seconds: float
    budget: float
    peak_mb: float
    gpu_mb: float | None
    device: str
    profile: str
    date: str
    digest: str
    source: str
    outputs: tuple[str, ...]

    @property
    def over_budget(self) -> bool:
        """Whether the script took longer than it should."""
        return self.seconds > self.budget


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file at one stroke: nobody sees half of it.

    Parameters
    ----------
    path : of the file
    data : what JSON can hold
    """
    path = Path(path)  # Sphinx's own paths have another replace().
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    new.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file; an empty dictionary where there is none, or none that is whole.

    Parameters
    ----------
    path : of the file
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def facts_path(folder: Path, stem: str) -> Path:
    """Where the facts of a page are.

    Parameters
    ----------
    folder : of the page, below the gallery's output
    stem : name of the script without its suffix
    """
    return folder / f"{stem}.facts.json"


def save(folder: Path, facts: PageFacts) -> None:
    """Write the facts of a page.

    Parameters
    ----------
    folder : of the page
    facts : of the page
    """
    write_json(facts_path(folder, facts.page.rpartition("/")[2]), asdict(facts))


def load(path: Path) -> PageFacts | None:
    """Read the facts of a page; None where there are none that can be used.

    Parameters
    ----------
    path : see :func:`facts_path`
    """
    data = read_json(path)
    if set(data) != {f.name for f in fields(PageFacts)}:
        return None
    return PageFacts(**{**data, "outputs": tuple(data["outputs"])})


def load_all(gallery: Path) -> dict[str, PageFacts]:
    """Facts of all pages below a folder, by name of the page.

    Parameters
    ----------
    gallery : folder with the output of the gallery
    """
    found = (load(path) for path in sorted(gallery.glob("**/*.facts.json")))
    return {facts.page: facts for facts in found if facts}


def owner(path: Path) -> str:
    """Stem of the script to which an output belongs.

    Parameters
    ----------
    path : of the output

    Examples
    --------
    >>> owner(Path("30_unfold.codeobj.json")), owner(Path("sphx_glr_30_unfold_002.png"))
    ('30_unfold', '30_unfold')
    """
    match = _IMAGE.match(path.name)
    return match["stem"] if match else path.name.partition(".")[0]


def outputs(folder: Path, stems: Iterable[str]) -> Iterator[Path]:
    """Files of some pages in the folder of their chapter, images included.

    Parameters
    ----------
    folder : of the pages
    stems : names of the scripts without their suffix
    """
    wanted = set(stems)
    for pattern in ("*", "images/*", "images/thumb/*"):
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and owner(path) in wanted:
                yield path
