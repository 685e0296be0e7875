"""KaTeX in a Node process that answers formulas through a pipe.

There is no socket that could be asked before it listens, and no port to be free.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from pathlib import Path

from sphinx.errors import ExtensionError

from node_packages import NODE_MODULES, node_binary, package_file

RENDERER = Path(__file__).with_name("katex_pipe.cjs")


class MathsError(ValueError):
    """A formula that KaTeX refuses; the message is KaTeX's own."""


class Katex:
    """KaTeX in a Node process that starts with the first formula.

    Parameters
    ----------
    node_modules : path, optional
        Where KaTeX is installed.
    """

    def __init__(self, node_modules: Path = NODE_MODULES) -> None:
        self.node_modules = node_modules
        self._process: subprocess.Popen[str] | None = None
        self._known: dict[str, dict[str, str]] = {}

    def _start(self) -> subprocess.Popen[str]:
        script = package_file(self.node_modules, "katex/dist/katex.min.js")
        return subprocess.Popen(
            [str(node_binary()), str(RENDERER), str(script.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def _ask(self, question: str) -> dict[str, str]:
        if self._process is None:
            self._process = self._start()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            status = self._process.wait()
            self.close()
            raise ExtensionError(f"KaTeX's process ended with exit code {status}.")
        answer: dict[str, str] = json.loads(line)
        return answer

    def render(
        self,
        latex: str,
        *,
        display: bool = False,
        macros: dict[str, str] | None = None,
    ) -> str:
        r"""Return the HTML and MathML of a formula.

        Parameters
        ----------
        latex : str
            What stands between the dollars.
        display : bool, optional
            On a line of its own.
        macros : dict, optional
            Commands and what they stand for.

        Raises
        ------
        MathsError
            KaTeX does not understand the formula.
        ExtensionError
            Node or KaTeX is missing or has ended.
        """
        question = json.dumps(
            {"latex": latex, "display": display, "macros": macros or {}},
            sort_keys=True,
        )
        if question not in self._known:
            self._known[question] = self._ask(question)
        answer = self._known[question]
        if "error" in answer:
            raise MathsError(answer["error"])
        return answer["html"]

    def close(self) -> None:
        """End the process; the next formula would start a new one."""
        if self._process is not None:
            process, self._process = self._process, None
            with suppress(BrokenPipeError):
                process.communicate()
            process.stdout.close()  # type: ignore[union-attr]
