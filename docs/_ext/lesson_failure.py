"""Where and why a lesson failed, in few lines."""

from __future__ import annotations

import ast
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

MESSAGE_LINES = 10


@dataclass(frozen=True)
class Failure:
    """Why a page failed, in few lines.

    Parameters
    ----------
    line : of the script, 1 for its first; 0 where no line is to blame
    code : what stands in that line
    message : type and text of the exception
    via : file and line that raised it, where that is not the script
    """

    line: int
    code: str
    message: str
    via: str = ""


def _walk(trace: TracebackType | None) -> list[tuple[FrameType, int]]:
    frames = []
    while trace is not None:
        frames.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _last_line(script: str, error: BaseException) -> int:
    # The script's own frame that is nearest to the error; if none is (a figure without
    # a title is found after its cell), the first line of the cell.
    line = 0
    for frame, number in _walk(error.__traceback__):
        if frame.f_code.co_filename == script:
            line = number
        elif not line and frame.f_code.co_name == "execute_code_block":
            line = frame.f_locals["block"].lineno
    return line


def _plain(script: Path, error: SyntaxError) -> SyntaxError:
    # Sphinx-Gallery compiles cells as a console does, which calls much "incomplete".
    try:
        ast.parse(script.read_bytes(), str(script))
    except SyntaxError as better:
        return better
    return error


def _via(script: str, error: BaseException) -> str:
    frames = _walk(error.__traceback__)
    files = [frame.f_code.co_filename for frame, _ in frames]
    if script not in files or files[-1] == script:
        return ""
    path = Path(files[-1])
    return f"{path.parent.name}/{path.name}:{frames[-1][1]}"


def describe(script: Path, error: BaseException) -> Failure:
    """Return where and why a script failed.

    Parameters
    ----------
    script : the source
    error : what it raised, with its traceback
    """
    line = _last_line(str(script), error)
    if isinstance(error, SyntaxError) and error.filename == str(script):
        error = _plain(script, error)
        line = error.lineno or 0
    source = script.read_text(encoding="utf-8").splitlines()
    message = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, SyntaxError):
        message = f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SystemExit):
        message = f"the script called sys.exit({error.code!r})"
    lines = message.splitlines()
    if len(lines) > MESSAGE_LINES:
        lines[MESSAGE_LINES:] = [f"... ({len(lines) - MESSAGE_LINES} more lines)"]
    code = source[line - 1].strip() if 0 < line <= len(source) else ""
    return Failure(line, code, "\n".join(lines), _via(str(script), error))
