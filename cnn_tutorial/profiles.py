"""How much a lesson does, on which data, on which device.

A lesson is written once. It asks for a *role* (digits, grey objects, colour) and lets
the profile say which data set plays it; where more work would take more time, it lets
the profile pick the amount:

``smoke``
    seconds, for tests: the data of ``docs``, cut to a few images of each class;
``docs``
    the default: real data that comes with the installation, no network;
``full``
    asked for by name: the well-known data sets, trained properly.

Environment variables: ``CNN_TUTORIAL_PROFILE``; ``CNN_TUTORIAL_DEVICE``; and
``CNN_TUTORIAL_DIGITS``, ``CNN_TUTORIAL_GREY``, ``CNN_TUTORIAL_COLOUR``, which give a
role to another data set, or to ``folder:PATH``. One that is empty counts as not set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from cnn_tutorial._validation import choice

if TYPE_CHECKING:
    import torch

__all__ = [
    "PROFILES",
    "ROLES",
    "Profile",
    "current",
    "device",
    "get",
    "role_variable",
]

PROFILES = ("smoke", "docs", "full")
"""Names of the profiles, from the least work to the most."""

ROLES = ("digits", "grey", "colour")
"""The roles that lessons ask for."""

T = TypeVar("T")

_BUNDLED = MappingProxyType(
    {"digits": "digits", "grey": "fashion-sample", "colour": "photo-patches"}
)
_WELL_KNOWN = MappingProxyType(
    {"digits": "mnist", "grey": "fashion-mnist", "colour": "cifar10"}
)


@dataclass(frozen=True)
class Profile:
    """One amount of work.

    Parameters
    ----------
    name : str
        One of `PROFILES`.
    roles : mapping
        Role -> name of the data set that plays it.
    max_images : int or None
        At most so many images in each split; None for all.

    Examples
    --------
    >>> docs = Profile("docs", {"digits": "digits"})
    >>> docs.pick(smoke=1, docs=8, full=20)  # epochs, say
    8
    """

    name: str
    roles: Mapping[str, str]
    max_images: int | None = None

    def pick(self, *, smoke: T, docs: T, full: T) -> T:
        """Return the value that is meant for this profile.

        Parameters
        ----------
        smoke, docs, full : any
            One value for each profile.

        Returns
        -------
        any
            The one with this profile's name.
        """
        return {"smoke": smoke, "docs": docs, "full": full}[self.name]

    def dataset(self, role: str) -> str:
        """Return the name of the data set that plays a role.

        Parameters
        ----------
        role : str
            One of `ROLES`.

        Returns
        -------
        str
            What the environment variable of the role says, else the profile's choice.

        Raises
        ------
        ValueError
            If there is no such role.
        """
        choice("role", role, ROLES)
        return os.environ.get(role_variable(role), "").strip() or self.roles[role]


_PROFILES = MappingProxyType(
    {
        "smoke": Profile("smoke", _BUNDLED, max_images=200),
        "docs": Profile("docs", _BUNDLED),
        "full": Profile("full", _WELL_KNOWN),
    }
)


def role_variable(role: str) -> str:
    """Return the environment variable that gives a role to another data set.

    Parameters
    ----------
    role : str
        One of `ROLES`.

    Returns
    -------
    str
        The variable's name.

    Examples
    --------
    >>> role_variable("grey")
    'CNN_TUTORIAL_GREY'
    """
    return f"CNN_TUTORIAL_{role.upper()}"


def get(name: str) -> Profile:
    """Return a profile by name.

    Parameters
    ----------
    name : str
        One of `PROFILES`.

    Returns
    -------
    Profile
        That one, whatever the environment says.

    Raises
    ------
    ValueError
        If there is no such profile.

    Examples
    --------
    >>> get("full").roles["colour"]
    'cifar10'
    """
    return _PROFILES[choice("name", name, PROFILES)]


def current() -> Profile:
    """Return the profile that ``CNN_TUTORIAL_PROFILE`` names, else ``docs``.

    Returns
    -------
    Profile
        The profile of this moment: the variable is read at each call.

    Raises
    ------
    ValueError
        If the variable names no profile.

    Examples
    --------
    >>> current().name in PROFILES
    True
    """
    name = os.environ.get("CNN_TUTORIAL_PROFILE", "").strip() or "docs"
    return _PROFILES[choice("CNN_TUTORIAL_PROFILE", name, PROFILES)]


def device() -> torch.device:
    """Return the device to compute on: what is set, else the best there is.

    Returns
    -------
    torch.device
        What ``CNN_TUTORIAL_DEVICE`` names; without it the first CUDA device, else
        Apple's MPS, else the CPU.

    Raises
    ------
    ValueError
        If the variable names no device, or one that this machine lacks.

    Examples
    --------
    >>> device().type in ("cuda", "mps", "cpu")
    True
    """
    import torch

    available = _available_devices()
    asked = os.environ.get("CNN_TUTORIAL_DEVICE", "").strip()
    if asked:
        return torch.device(choice("CNN_TUTORIAL_DEVICE", asked, available))
    return torch.device(available[0])


def _available_devices() -> list[str]:
    """Return the devices of this machine, the best one first."""
    import torch

    cuda = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return [*(["cuda"] if cuda else []), *cuda, *mps, "cpu"]
