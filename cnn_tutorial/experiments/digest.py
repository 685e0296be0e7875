"""What a recorded run hangs on, and a short name for it.

The digest of a recipe covers its settings; the files that carry it out and that build
the model; the network that comes out of that, with its layers, shapes and the spread of
its first weights; and the methods of our classes in it and of the augmentations. How a
constructor is written does not matter, what it makes does. Comments, docstrings and
blank lines are left out: they change no number. The training loop is left out too: its
tests hold it to a loop written out by hand, whatever else it learns to do.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
import json
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from cnn_tutorial import datasets
from cnn_tutorial.experiments.recipe import Build, Recipe, train

__all__ = ["code_of", "digest", "files"]


def digest(recipe: Recipe, build: Build) -> str:
    """Return 16 hexadecimal digits that change when the recipe or its code does.

    Parameters
    ----------
    recipe
        What was carried out.
    build
        What built the model.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from cnn_tutorial.experiments.small_nets import build
    >>> recipe = Recipe(data="digits", epochs=3)
    >>> digest(recipe, build) == digest(replace(recipe, epochs=4), build)
    False
    """
    net = _built(recipe, build)
    sha = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    parts = [code_of(path.read_text(encoding="utf-8")) for path in _homes(build)]
    parts += [repr(net), *_weights(net), *_methods(recipe, net)]
    for part in parts:
        sha.update(f"\0{part}".encode())
    return sha.hexdigest()[:16]


def files(recipe: Recipe, build: Build) -> list[Path]:
    """Return the files that a run hangs on.

    Parameters
    ----------
    recipe
        What is carried out.
    build
        What builds the model.

    Returns
    -------
    list of path
        In the order of their names.

    Examples
    --------
    >>> from cnn_tutorial.experiments.small_nets import build
    >>> [path.name for path in files(Recipe(data="digits", epochs=1, flip=True), build)]
    ['conv.py', 'augmentation.py', 'recipe.py', 'small_nets.py']
    """
    classes = _classes(recipe, _built(recipe, build))
    found = {Path(inspect.getfile(cls)) for cls in classes}
    return sorted(found | set(_homes(build)))


def code_of(source: str) -> str:
    r"""Return the lines of a program without docstrings, comments and blank lines.

    Parameters
    ----------
    source
        A program.

    Examples
    --------
    >>> code_of('def f(x):\n    "Halve."\n\n    return x / 2  # exact\n')
    'def f(x):\n    return x / 2'
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for first, last in _docstrings(ast.parse(source)):
        lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each text that stands alone."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.lineno, text.end_lineno or text.lineno


def _homes(build: Build) -> list[Path]:
    """Return the file that carries recipes out, and the one that builds the model."""
    return [Path(inspect.getfile(one)) for one in (train, inspect.unwrap(build))]


def _built(recipe: Recipe, build: Build) -> nn.Module:
    """Return the network of seed 0, and leave PyTorch's random numbers alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build(recipe, datasets.describe(recipe.data))


def _weights(net: nn.Module) -> Iterator[str]:
    """Yield the size of the first weights, coarse enough for any processor."""
    for name, weight in net.named_parameters():
        yield f"{name} {weight.detach().square().mean().sqrt().item():.2g}"


def _classes(recipe: Recipe, net: nn.Module) -> list[type]:
    """Return our classes among the layers and the augmentations, by name."""
    used = {type(one) for one in (*net.modules(), *recipe.augmentations)}
    ours = {c for cls in used for c in cls.__mro__ if c.__module__[:4] == "cnn_"}
    return sorted(ours, key=lambda cls: cls.__qualname__)


def _methods(recipe: Recipe, net: nn.Module) -> Iterator[str]:
    """Yield the code of their methods; of a constructor one sees what it made."""
    for cls in _classes(recipe, net):
        for name, method in sorted(vars(cls).items()):
            if not inspect.isfunction(method) or name == "__init__":
                continue
            if method.__code__.co_filename == inspect.getfile(cls):  # not a dataclass's
                source = textwrap.dedent(inspect.getsource(method))
                yield f"{cls.__qualname__}.{code_of(source)}"
