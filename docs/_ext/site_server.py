"""Serve a built site on this machine, with the types that browsers insist on.

Run as a script: ``python site_server.py FOLDER [PORT]``. Without a port the first free
one from 8000 on is taken.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIRST_PORT = 8000
TRIES = 100


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder; nothing is cached, so that a reload shows the last build."""

    # The table of the system may say something else, or nothing (Windows, Python 3.11).
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".css": "text/css",
        ".html": "text/html; charset=utf-8",
        ".ipynb": "application/x-ipynb+json",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".py": "text/x-python; charset=utf-8",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".webp": "image/webp",
        ".whl": "application/zip",
        ".woff2": "font/woff2",
    }
    quiet = False

    def end_headers(self) -> None:
        """Add the one header that every answer has."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log a request, unless the server was asked to be quiet."""
        if not self.quiet:
            super().log_message(format, *args)


class QuietHandler(Handler):
    """The same without a line for each request, for tests."""

    quiet = True


def make_server(
    folder: Path, port: int | None = None, *, quiet: bool = False
) -> ThreadingHTTPServer:
    """Return a server of a folder, bound to the loopback device, not yet running.

    Parameters
    ----------
    folder : what to serve
    port : 0 for any free one; None for the first free one from 8000 on
    quiet : no line for each request

    Raises
    ------
    FileNotFoundError
        If the folder has no ``index.html``.
    OSError
        If the port is taken.
    """
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"There is no built site in {folder}.")
    handler = functools.partial(
        QuietHandler if quiet else Handler, directory=str(folder)
    )
    ports = range(FIRST_PORT, FIRST_PORT + TRIES) if port is None else [port]
    for candidate in ports[:-1]:
        with contextlib.suppress(OSError):
            return ThreadingHTTPServer(("127.0.0.1", candidate), handler)
    return ThreadingHTTPServer(("127.0.0.1", ports[-1]), handler)


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C."""
    folder, *rest = arguments
    try:
        server = make_server(Path(folder), int(rest[0]) if rest else None)
    except (OSError, ValueError) as problem:
        print(f"{problem} Build the site with: python3 -m nox -s docs", file=sys.stderr)
        return 1
    print(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
