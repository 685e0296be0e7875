"""Which versions on which hardware, and how much memory it took."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    import torch

__all__ = ["Environment", "environment", "peak_memory"]

_PACKAGES = (
    *("cnn-tutorial", "torch", "torchvision", "numpy"),
    *("scipy", "scikit-image", "scikit-learn"),
)


class Environment(TypedDict):
    """What `environment` returns."""

    versions: dict[str, str]
    hardware: dict[str, Any]


def environment(device: torch.device | str | None = None) -> Environment:
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
    if device is not None:
        import torch

        if torch.device(device).type == "cuda":  # pragma: cuda
            return torch.cuda.max_memory_allocated(device)
    return _peak_of_process()


if sys.platform == "win32":

    def _peak_of_process() -> int | None:
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

else:

    def _peak_of_process() -> int | None:
        # Linux: `getrusage` would begin with the peak of whoever started the process.
        with contextlib.suppress(OSError):
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return 1024 * int(line.split()[1])
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak  # else in kB


def _processor() -> str:
    """Return the processor's name; Linux keeps it in a file."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
