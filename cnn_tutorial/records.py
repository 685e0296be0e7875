"""What a training run was and how it went, kept in a file that people can read."""

from __future__ import annotations

import contextlib
import json
import math
import os
import platform
import secrets
import sys
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import torch

__all__ = ["RunRecord", "environment", "peak_memory"]

SCHEMA = 1
_FORMAT = "cnn_tutorial run record"
_PACKAGES = ("cnn-tutorial", "torch", "torchvision", "numpy", "scikit-learn")


@dataclass(frozen=True)
class RunRecord:
    """A run: what was asked for, on what it ran, and what came out epoch by epoch.

    Parameters
    ----------
    config
        What was asked for: model, optimiser, epochs, ...; anything that JSON takes.
    curves
        One number per epoch under each name, for instance ``"validation_accuracy"``.
    seed
        The seed that was set at the beginning; None if none was.
    versions
        Of Python and packages, by name.
    hardware
        System, processor and device.
    seconds
        From the first batch to the last.
    peak_memory
        Most memory that was in use, in bytes: on the GPU, or of the whole process.
    created
        When the run ended, in ISO 8601, UTC.

    Examples
    --------
    >>> record = RunRecord(config={"epochs": 2}, curves={"train_loss": [0.5, 0.25]})
    >>> record.curves["train_loss"][-1]
    0.25
    """

    config: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)
    seed: int | None = None
    versions: dict[str, str] = field(default_factory=dict)
    hardware: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak_memory: int | None = None
    created: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds")
    )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record as JSON: all of it or, if that fails, nothing.

        Parameters
        ----------
        path
            File; one that is there is replaced. Its folder must exist.

        Raises
        ------
        OSError
            If the file cannot be written; an older file is then as it was.
        TypeError
            If `config` holds something that JSON does not know.
        """
        content = {"format": _FORMAT, "schema": SCHEMA, **asdict(self)}
        content["curves"] = {
            name: [_to_json(value) for value in curve]
            for name, curve in self.curves.items()
        }
        _write(Path(path), json.dumps(content, indent=2, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote.

        Parameters
        ----------
        path
            File.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is no record, is damaged, or was written by a later version.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"`path` (={str(path)!r}) is no JSON: {error}") from error
        try:
            return cls(**_checked(content))
        except ValueError as error:
            message = f"`path` (={str(path)!r}) is no run record: {error}"
            raise ValueError(message) from error


def environment(device: torch.device | str | None = None) -> dict[str, dict[str, Any]]:
    """Return versions and hardware, for a `RunRecord`.

    Parameters
    ----------
    device
        Where the run computes; None: on the processor.

    Returns
    -------
    dict
        ``"versions"``: of Python and packages. ``"hardware"``: system, machine,
        processor, CPUs, threads, device. Neither names nor paths of the computer.

    Examples
    --------
    >>> sorted(environment())
    ['hardware', 'versions']
    """
    import torch

    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    place = torch.device(device or "cpu")
    hardware: dict[str, Any] = {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": str(place),
    }
    if place.type == "cuda":  # pragma: cuda
        hardware["gpu"] = torch.cuda.get_device_name(place)
    return {"versions": versions, "hardware": hardware}


def peak_memory(device: torch.device | str | None = None) -> int | None:
    """Return the most memory that was ever in use, in bytes.

    Parameters
    ----------
    device
        A CUDA device: what PyTorch held there since the program began or
        ``torch.cuda.reset_peak_memory_stats``. Else: what the process held since it
        began, all libraries included.

    Returns
    -------
    int or None
        Bytes; None where the system does not tell.
    """
    import torch

    place = torch.device(device or "cpu")
    if place.type == "cuda":  # pragma: cuda
        return torch.cuda.max_memory_allocated(place)
    if sys.platform == "win32":
        return _peak_on_windows()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if sys.platform == "win32":

    def _peak_on_windows() -> int | None:
        import ctypes
        from ctypes import wintypes

        class Counters(ctypes.Structure):
            """PROCESS_MEMORY_COUNTERS."""

            _fields_ = (
                ("size", wintypes.DWORD),
                ("page_faults", wintypes.DWORD),
                ("peak", ctypes.c_size_t),
                ("rest", ctypes.c_size_t * 7),
            )

        counters = Counters()
        counters.size = ctypes.sizeof(counters)
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        ask = kernel.K32GetProcessMemoryInfo
        ask.argtypes = (wintypes.HANDLE, ctypes.POINTER(Counters), wintypes.DWORD)
        done = ask(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size)
        return int(counters.peak) if done else None


def _processor() -> str:
    """Return the processor's name; Linux keeps it in a file."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _to_json(value: float) -> float | str:
    """JSON has no "not a number"."""
    return value if math.isfinite(value) else str(value)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _checked(content: object) -> dict[str, Any]:
    """Return the fields of a record, or say what is wrong with them."""
    if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
        raise ValueError(f'it does not say "format": "{_FORMAT}".')
    schema = content.pop("schema", None)
    if schema != SCHEMA:
        raise ValueError(f"its schema is {schema!r}; this version reads {SCHEMA}.")
    known = {f.name for f in fields(RunRecord)}
    if wrong := known ^ content.keys():
        raise ValueError(f"missing or unknown: {', '.join(sorted(wrong))}.")
    for name in ("config", "curves", "versions", "hardware"):
        if not isinstance(content[name], dict):
            raise ValueError(f"`{name}` must be an object.")
    try:
        content["curves"] = {
            name: [float(value) for value in curve]
            for name, curve in content["curves"].items()
        }
        content["seconds"] = float(content["seconds"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"`curves` and `seconds` hold numbers: {error}.") from error
    return content
