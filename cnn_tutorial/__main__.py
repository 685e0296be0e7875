"""The command line: ``python -m cnn_tutorial``."""

from __future__ import annotations

from cnn_tutorial.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main(prog_name="python -m cnn_tutorial")
