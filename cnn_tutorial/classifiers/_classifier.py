"""A network, its class and settings, and the facts about its images."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from cnn_tutorial import models
from cnn_tutorial.datasets import DatasetInfo, Split
from cnn_tutorial.training.checkpoints import CheckpointError, packed, read, write

__all__ = ["Classifier", "build", "plain"]

_FORMAT = "cnn_tutorial classifier"
_SCHEMA = 1
_TUPLES = ("classes", "size", "mean", "std", "credits")


@dataclass(frozen=True, eq=False)
class Classifier:
    """A network that knows what it was made for.

    Parameters
    ----------
    network
        Takes standardised images, gives one score for each class.
    model
        Its name, one of `cnn_tutorial.models.list_models`.
    settings
        What else the model's class was given: numbers, words, pairs.
    info
        Classes, channels, size, mean and deviation of the images.
    data
        What the training data were called, as `cnn_tutorial.datasets.load` takes it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from cnn_tutorial import datasets
    >>> classifier = Classifier.create("lenet", datasets.describe("digits"))
    >>> with TemporaryDirectory() as folder:
    ...     classifier.save(f"{folder}/model.pt")
    ...     again = Classifier.load(f"{folder}/model.pt")
    >>> again.model, again.info.input_size, again.info.classes[:3]
    ('lenet', (1, 32, 32), ('0', '1', '2'))
    """

    network: nn.Module
    model: str
    info: DatasetInfo
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: str = ""

    @classmethod
    def create(
        cls,
        model: str,
        info: DatasetInfo,
        *,
        settings: Mapping[str, Any] | None = None,
        data: str = "",
    ) -> Self:
        """Build an untrained network for a data set.

        Parameters
        ----------
        model
            One of `cnn_tutorial.models.list_models`.
        info
            The facts about the data set.
        settings
            What else the model's class takes. A model that has to know the size of its
            images (``input_size``) is told it.
        data
            What the data are called; by default the name in `info`.

        Raises
        ------
        ValueError
            If there is no such model, or it does not take a setting.
        """
        settings = _completed(model, settings or {}, info.size)
        network = build(
            model,
            channels=info.channels,
            classes=info.num_classes,
            size=info.size,
            settings=settings,
        )
        return cls(network, model, info, settings, data or info.name)

    def facts(self) -> dict[str, Any]:
        """Return everything but the weights, as plain values.

        Examples
        --------
        >>> from cnn_tutorial import datasets
        >>> sorted(Classifier.create("lenet", datasets.describe("digits")).facts())
        ['data', 'format', 'info', 'model', 'schema', 'settings']
        """
        return {
            "format": _FORMAT,
            "schema": _SCHEMA,
            "model": self.model,
            "settings": plain(self.settings),
            "info": {
                f.name: plain(getattr(self.info, f.name)) for f in fields(self.info)
            },
            "data": self.data,
        }

    def check(self, info: DatasetInfo) -> None:
        """Refuse images of another kind than those that the network was made for.

        Parameters
        ----------
        info
            The facts about the images.

        Raises
        ------
        ValueError
            If classes, channels or size differ.
        """
        for name in ("classes", "channels", "size"):
            ours, theirs = getattr(self.info, name), getattr(info, name)
            if ours != theirs:
                raise ValueError(
                    f"The data {info.name!r} do not fit this classifier: their {name} "
                    f"are {theirs}, those of the classifier {ours}."
                )

    def standardised(self, split: Split) -> Split:
        """Return a split whose batches are standardised as this network learned it.

        Parameters
        ----------
        split
            Images.
        """
        return replace(split, info=self.info)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one file: all of it or, if that fails, nothing.

        Parameters
        ----------
        path
            File; one that is there is replaced. Its folder must exist.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        write(Path(path), packed(self.facts() | {"weights": self.network.state_dict()}))

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, device: torch.device | str = "cpu"
    ) -> Self:
        """Read what `save` or a training with a `Passport` wrote.

        Parameters
        ----------
        path
            A file of either kind, or the folder of a run, where ``model.pt`` is taken.
        device
            Where the network goes. It is in evaluation mode.

        Raises
        ------
        CheckpointError
            If it cannot be read, is damaged, or holds no classifier.
        """
        path = Path(path)
        path = path / "model.pt" if path.is_dir() else path
        state = read(path, device=device)
        facts, weights = _found(path, state)
        info: dict[str, Any] = {
            k: tuple(v) if k in _TUPLES else v for k, v in facts["info"].items()
        }
        settings = {k: _pair(v) for k, v in facts["settings"].items()}
        try:
            self = cls.create(
                facts["model"],
                DatasetInfo(**info),
                settings=settings,
                data=facts["data"],
            )
            self.network.load_state_dict(weights)
        except (ValueError, TypeError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise CheckpointError(
                f"{path.name} is of another version of {facts['model']!r}: {reason}"
            ) from error
        self.network.to(device).eval()
        return self


def build(
    model: str,
    *,
    channels: int,
    classes: int,
    size: tuple[int, int],
    settings: Mapping[str, Any],
) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    model
        One of `cnn_tutorial.models.list_models`.
    channels, classes, size
        Of the images; `size` is told to models that have to know it.
    settings
        What else the model's class takes.

    Raises
    ------
    ValueError
        If there is no such model, or it does not take a setting.

    Examples
    --------
    >>> net = build(
    ...     "resnet8", channels=3, classes=7, size=(32, 32), settings={"width": 8}
    ... )
    >>> net.head  # 8, 16, then 32 channels
    Linear(in_features=32, out_features=7, bias=True)
    """
    settings = _completed(model, settings, size)
    try:
        return models.create_model(
            model, in_channels=channels, num_classes=classes, **settings
        )
    except TypeError as error:
        raise ValueError(
            f"`settings` (={settings!r}) do not fit {model!r}: {error}."
        ) from None


def _completed(
    model: str, settings: Mapping[str, Any], size: tuple[int, int]
) -> dict[str, Any]:
    """Return the settings, with the size of the images where it is one of them."""
    known = inspect.signature(models.builder(model)).parameters
    told = {"input_size": tuple(size)} if "input_size" in known else {}
    return told | dict(settings)


def _found(path: Path, state: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return facts and weights of a saved classifier or of a checkpoint."""
    if state.get("format") == _FORMAT:
        facts, weights = state, state["weights"]
    else:
        callbacks = state.get("callbacks") or []
        passports = [c for c in callbacks if c.get("format") == _FORMAT]
        if not passports or "learning" not in state:
            raise CheckpointError(
                f"{path.name} does not say what it is a model of: it was written "
                "neither by `Classifier.save` nor by a training with a `Passport`."
            )
        facts, weights = passports[0], state["learning"]["model"]
    if facts["schema"] != _SCHEMA:
        raise CheckpointError(
            f"{path.name} has the schema {facts['schema']!r}; this version reads "
            f"{_SCHEMA}."
        )
    return facts, weights


def plain(value: Any) -> Any:  # noqa: ANN401 - what comes in goes out
    """Return a value with dictionaries and lists in place of what is like them."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    return value


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
