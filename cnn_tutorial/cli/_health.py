"""What `doctor` looks at, one finding after the other."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from cnn_tutorial.datasets import Batches

__all__ = ["Finding", "examine"]

_US = "cnn-tutorial"
_GIGABYTE = 1e9
_NEEDED = 1.0  # free gigabytes below which the published data sets do not fit
_LEAST_STEPS = 5
_ENOUGH_STEPS = 50  # after so many the loss must have fallen


@dataclass(frozen=True)
class Finding:
    """What was found out about one subject."""

    subject: str
    kind: str
    """``"good"``, ``"hint"`` (it works, and could be better) or ``"problem"``."""
    found: str
    advice: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)
    """The same for a program."""


def examine(*, seconds: float, root: Path | None) -> Iterator[Finding]:
    """Yield findings, in the order in which one would look.

    Parameters
    ----------
    seconds
        How long to train; 0: not at all.
    root
        Data root; None: the usual one.
    """
    from cnn_tutorial import datasets, profiles

    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("versions", _versions),
        ("device", _device),
        ("threads", _threads),
        *((role, partial(_data, role, root)) for role in profiles.ROLES),
        ("downloads", lambda: _writable("downloads", root or datasets.data_root())),
        ("temporary", lambda: _writable("temporary", Path(tempfile.gettempdir()))),
    ]
    if seconds:
        checks += [("speed", _speed), ("training", partial(_training, seconds))]
    for subject, check in checks:
        try:
            yield check()
        except (ValueError, RuntimeError, OSError, ArithmeticError, ImportError) as no:
            yield Finding(subject, "problem", f"{type(no).__name__}: {no}")


def _versions() -> Finding:
    """Compare what is installed with what the package asks for."""
    from cnn_tutorial import records

    versions = records.environment()["versions"]
    needed = [line for line in metadata.requires(_US) or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed]
    lacks = [name for name in names if not _installed(name)]
    text = ", ".join(f"{name} {version}" for name, version in versions.items())
    if lacks:
        advice = f"python -m pip install {' '.join(lacks)}"
        return Finding("versions", "problem", text, advice, {"missing": lacks})
    return Finding("versions", "good", text, numbers=versions)


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _device() -> Finding:
    """Compute something where lessons would."""
    import torch

    from cnn_tutorial import profiles, records

    device = profiles.device()
    hardware = records.environment(device)["hardware"]
    product = torch.ones(2, 3, device=device) @ torch.ones(3, 1, device=device)
    if product.tolist() != [[3.0], [3.0]]:
        return Finding("device", "problem", f"{device} computes 1 + 1 + 1 wrongly")
    name = hardware.get("gpu", hardware["processor"])
    found = f"{device}: {name}"
    if device.type == "cpu" and torch.cuda.is_available():  # pragma: cuda
        advice = "There is a CUDA device, but CNN_TUTORIAL_DEVICE says cpu."
        return Finding("device", "hint", found, advice, hardware)
    return Finding("device", "good", found, numbers=hardware)


def _threads() -> Finding:
    """Compare PyTorch's threads with the processors that this process may use."""
    import torch

    # A container may be given less than the machine has.
    usable = (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1
    )
    threads = torch.get_num_threads()
    found = f"{threads} of PyTorch on {usable} processor{'s' * (usable > 1)}"
    numbers = {"threads": threads, "processors": usable}
    if threads > usable:
        advice = f"They wait for each other: set OMP_NUM_THREADS={usable}."
        return Finding("threads", "hint", found, advice, numbers)
    return Finding("threads", "good", found, numbers=numbers)


def _data(role: str, root: Path | None) -> Finding:
    """Check every file of the data set that plays a role."""
    from cnn_tutorial import datasets, profiles

    profile = profiles.current()
    name = profile.dataset(role)
    where = f"{name} (profile {profile.name})"
    try:
        checked = datasets.verify(name, root=root)
    except RuntimeError as error:
        return Finding(role, "problem", where, str(error), {"name": name})
    numbers = {"name": name, "files": len(checked)}
    return Finding(role, "good", f"{where}: every file is right", numbers=numbers)


def _writable(subject: str, folder: Path) -> Finding:
    """Write a file where files would go, or where the folder would be made."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    numbers: dict[str, Any] = {"folder": str(folder)}
    try:
        with tempfile.NamedTemporaryFile(dir=there) as file:
            file.write(b"cnn-tutorial")
            file.flush()
    except OSError as error:
        advice = "Choose another folder: CNN_TUTORIAL_DATA for data, TMPDIR for others."
        found = f"{there} cannot be written to: {error.strerror}"
        return Finding(subject, "problem", found, advice, numbers)
    free = numbers["free_gigabytes"] = shutil.disk_usage(there).free / _GIGABYTE
    found = f"{folder} can be written to, {free:.0f} GB are free"
    if free < _NEEDED:
        advice = f"All published data sets together need about {_NEEDED:.0f} GB."
        return Finding(subject, "hint", found, advice, numbers)
    return Finding(subject, "good", found, numbers=numbers)


def _speed() -> Finding:
    """Time steps of a small residual network in all precisions."""
    import torch

    from cnn_tutorial import models, profiles, training

    device = profiles.device()
    with torch.random.fork_rng(devices=[]):
        net = models.resnet20(in_channels=3).to(device)
        images = torch.randn(32, 3, 32, 32)
        chosen, seconds = training.choose_precision(net, images, device)
    gain = seconds["float32"] / seconds[str(chosen)]
    found = f"fastest for a small residual network: {chosen}"
    numbers = {"precision": str(chosen), "seconds_per_step": seconds}
    if str(chosen) == "float32":
        return Finding("speed", "good", found, numbers=numbers)
    advice = f'{gain:.1f} times as fast as float32: fit(..., precision="auto").'
    return Finding("speed", "hint", found, advice, numbers)


def _training(seconds: float) -> Finding:
    """Let LeNet learn digits for some seconds."""
    import torch

    from cnn_tutorial import datasets, models, profiles, training

    data, device = datasets.load("digits"), profiles.device()
    batches = data.train.batches(32, shuffle=True, device=device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = models.LeNet(data.info.channels, data.info.num_classes).to(device)
        optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
        losses, rate = _steps_for(seconds, net, batches, optimizer)
    accuracy = training.evaluate(net, data.validation.batches(256, device=device))
    found = (
        f"LeNet in {len(losses):,} steps: loss {losses[0]:.2f} to {losses[-1]:.2f}, "
        f"{accuracy.accuracy:.0%} of digits it has not seen; {rate:,.0f} images/s"
    )
    numbers = {
        "steps": len(losses),
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "accuracy": accuracy.accuracy,
        "images_per_second": rate,
    }
    if len(losses) < _ENOUGH_STEPS or mean(losses[-10:]) < losses[0]:
        return Finding("training", "good", found, numbers=numbers)
    advice = "It should have learned something: is PyTorch as its makers built it?"
    return Finding("training", "problem", found, advice, numbers)


def _steps_for(
    seconds: float,
    net: torch.nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
) -> tuple[list[float], float]:
    """Train until the time is over; return losses step by step, and images a second."""
    from cnn_tutorial import training

    losses: list[float] = []
    images, start = 0, time.perf_counter()
    while len(losses) < _LEAST_STEPS or time.perf_counter() - start < seconds:
        for batch in batches:
            step = training.train_epoch(net, [batch], optimizer=optimizer)
            losses.append(step.loss)
            images += step.count
            over = time.perf_counter() - start >= seconds
            if over and len(losses) >= _LEAST_STEPS:
                break
    return losses, images / (time.perf_counter() - start)
