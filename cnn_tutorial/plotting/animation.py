"""Moving pictures as frames, shown by the site's player and as animated WebP."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import checked_title

__all__ = ["MOST_FRAMES", "Animation", "Frame", "Sheet"]

MOST_FRAMES = 100

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Sheet:
    """Where the frames of a sprite sheet are: row by row, all of one size.

    Parameters
    ----------
    columns, rows
        Frames beside and below each other.
    frames
        How many there are; the last row need not be full.
    width, height
        Of a frame, in pixels.
    """

    columns: int
    rows: int
    frames: int
    width: int
    height: int


class Animation:
    """Frames with a title.

    Parameters
    ----------
    frames : sequence of uint8 arrays, shape (height, width, 3)
        Pictures of one size, at twice the resolution at which they are shown.
    title
        What to see; it becomes the alternative text.
    still
        Index of the frame that stands for all on paper and where nothing should move.
    interval
        Milliseconds for which a frame is shown.

    Raises
    ------
    ValueError
        If there is no frame or too many, frames differ in size, or `still` names none.

    Examples
    --------
    >>> dark, light = (np.full((4, 6, 3), v, np.uint8) for v in (0, 255))
    >>> animation = Animation([dark, light], title="The light goes on", still=1)
    >>> len(animation.frames), animation.width  # 6 pixels are shown on 3
    (2, 3)
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        *,
        title: str,
        still: int = 0,
        interval: int = 700,
    ) -> None:
        self.title = checked_title(title)
        self.frames = [np.asarray(frame) for frame in frames]
        if not 1 <= len(self.frames) <= MOST_FRAMES:
            raise ValueError(
                f"`frames` must be 1 to {MOST_FRAMES} pictures, not {len(self.frames)}."
            )
        shapes = {frame.shape for frame in self.frames}
        types = {frame.dtype for frame in self.frames}
        shape = self.frames[0].shape
        if len(shapes) > 1 or types != {np.dtype(np.uint8)} or shape[2:] != (3,):
            raise ValueError(
                "`frames` must be uint8 arrays of one shape (height, width, 3), not "
                f"{sorted(shapes)} of {sorted(map(str, types))}."
            )
        last = len(self.frames) - 1
        self.still = integer("still", still, minimum=0, maximum=last)
        self.interval = integer("interval", interval, minimum=20)

    @property
    def width(self) -> int:
        """Width at which the frames are shown, in pixels of a page."""
        return int(self.frames[0].shape[1]) // 2

    def save_webp(self, path: str | PathLike[str]) -> Path:
        """Write an animated WebP that repeats; nothing is lost.

        Parameters
        ----------
        path
            The file.

        Returns
        -------
        path
            The file.
        """
        with Path(path).open("wb") as file:
            self._write_webp(file)
        return Path(path)

    def _write_webp(self, file: BinaryIO) -> None:
        first, *others = (Image.fromarray(frame) for frame in self.frames)
        first.save(
            file,
            "WEBP",
            save_all=True,
            append_images=others,
            duration=self.interval,
            loop=0,
            lossless=True,
            quality=20,
            method=2,
        )

    def save_sheet(self, path: str | PathLike[str]) -> Sheet:
        """Write all frames into one picture, row by row, nearly square.

        Parameters
        ----------
        path
            The file, WebP or PNG by its ending.

        Returns
        -------
        sheet
            Where the frames are.
        """
        count = len(self.frames)
        height, width = self.frames[0].shape[:2]
        columns = min(count, max(1, round((count * height / width) ** 0.5)))
        rows = -(-count // columns)
        whole = Image.new("RGB", (columns * width, rows * height), "white")
        for k, frame in enumerate(self.frames):
            row, column = divmod(k, columns)
            whole.paste(Image.fromarray(frame), (column * width, row * height))
        if Path(path).suffix.lower() == ".webp":
            whole.save(path, "WEBP", lossless=True, quality=20, method=2)
        else:
            whole.save(path, optimize=True)
        return Sheet(columns, rows, count, width, height)

    def _repr_html_(self) -> str:
        """Return the still; the moving picture is behind a button and never starts."""
        moving, still = BytesIO(), BytesIO()
        self._write_webp(moving)
        Image.fromarray(self.frames[self.still]).save(still, "PNG", optimize=True)
        title = html.escape(self.title)

        def image(kind: str, data: BytesIO) -> str:
            text = base64.b64encode(data.getvalue()).decode()
            return (
                f'<img src="data:image/{kind};base64,{text}" alt="{title}" '
                f'width="{self.width}" style="max-width: 100%; height: auto">'
            )

        play = f"<details><summary>Play</summary>{image('webp', moving)}</details>"
        return f'<figure style="margin: 0">{image("png", still)}{play}</figure>'

    def __repr__(self) -> str:
        return f"Animation({len(self.frames)} frames, title={self.title!r})"
