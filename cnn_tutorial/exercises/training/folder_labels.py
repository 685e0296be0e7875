"""Exercise: classes and labels from the names of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def folder_labels(paths: list[str]) -> tuple[list[str], list[int]]:
    """Return (classes, labels) of paths such as "pets/cat/1.jpg"."""
    names = [PurePosixPath(path).parent.name for path in paths]
    classes = sorted(set(names))
    return classes, [classes.index(name) for name in names]


def _by(
    name_of: Callable[[str], str] = lambda path: path.split("/")[-2],
    order: Callable[[list[str]], list[str]] = lambda names: sorted(set(names)),
    first: int = 0,
) -> Attempt:
    """Return an answer that names, orders or counts in its own way."""

    def labels(paths: list[str]) -> tuple[list[str], list[int]]:
        names = [name_of(path) for path in paths]
        classes = order(names)
        return classes, [classes.index(name) + first for name in names]

    return labels


def _swapped(paths: list[str]) -> tuple[list[int], list[str]]:
    classes, labels = folder_labels(paths)
    return labels, classes


def _labels_of_names(paths: list[str]) -> tuple[list[str], list[str]]:
    return folder_labels(paths)[0], [path.split("/")[-2] for path in paths]


def _with_repeats(paths: list[str]) -> tuple[list[str], list[int]]:
    classes, labels = folder_labels(paths)
    return [classes[label] for label in labels], labels


def _sorted_labels(paths: list[str]) -> tuple[list[str], list[int]]:
    classes, labels = folder_labels(paths)
    return classes, sorted(labels)


MISTAKES = (
    Mistake(
        "classes in the order in which they turn up",
        "Another machine lists its files in another order, and labels change. Sort the "
        "names.",
        _by(order=lambda names: list(dict.fromkeys(names))),
    ),
    Mistake(
        "the first step of the path is the class",
        "A class is the folder that *holds* the file, the last but one step: there may "
        "be more folders above it.",
        _by(name_of=lambda path: path.split("/")[0]),
    ),
    Mistake(
        "the second step of the path is the class",
        "Count from the file: its folder is the last but one step of the path, "
        "however many come before.",
        _by(name_of=lambda path: path.split("/")[1]),
    ),
    Mistake(
        "the name of the file is the class",
        "The folder is the class, `split('/')[-2]`, whatever the file is called.",
        _by(name_of=lambda path: path.split("/")[-1]),
    ),
    Mistake(
        "the whole path of the folder is the class",
        "Only the last step of it is the name: `train/cat` and `test/cat` are one "
        "class.",
        _by(name_of=lambda path: path.rpartition("/")[0]),
    ),
    Mistake(
        "labels count from 1",
        "Labels are places in a list of scores, and those count from 0.",
        _by(first=1),
    ),
    Mistake(
        "classes backwards",
        "Alphabetical order, from a to z.",
        _by(order=lambda names: sorted(set(names), reverse=True)),
    ),
    Mistake(
        "labels and classes are swapped",
        "Return the classes first, then the labels.",
        _swapped,
    ),
    Mistake(
        "labels are names",
        "A label is a number: the place of the name in the list of classes.",
        _labels_of_names,
    ),
    Mistake(
        "a class for each file",
        "Each class once: `set` removes what repeats.",
        _with_repeats,
    ),
    Mistake(
        "labels in another order than the paths",
        "Label i belongs to path i. Sort the classes, and leave the labels alone.",
        _sorted_labels,
    ),
)


def _case(name: str, *paths: str) -> Case:
    return Case(name, lambda: {"paths": list(paths)})


EXERCISE = Exercise(
    reference=folder_labels,
    title="Folders are labels",
    lesson="40_training/70_own_images",
    level="first steps",
    minutes=8,
    prompt="Return the list of classes, in alphabetical order, and the list of labels, "
    "one for each path. The class of a file is the name of the folder that holds it.",
    observe=call_it(folder_labels),
    cases=(
        _case("two classes", "cat/1.jpg", "dog/1.jpg"),
        _case("the second class first", "dog/1.jpg", "cat/1.jpg", "dog/2.jpg"),
        _case("folders above", "my/pets/owl/a.png", "my/pets/bat/b.png"),
        _case(
            "the same class twice",
            "train/cat/1.jpg",
            "test/cat/1.jpg",
            "test/ape/2.jpg",
        ),
        _case("one class", "cat/1.jpg", "cat/2.jpg"),
    ),
    mistakes=MISTAKES,
    hints=(
        "Which step of a path names the class, counted from its end?",
        "First a list of names, one for each path. Then each name once, sorted.",
        "`classes = sorted(set(names))`, and `classes.index(name)` for each name.",
    ),
    next="What if two folders differ in case only, `Cat` and `cat`? Decide, and say so "
    "in an error message.",
    imports="from pathlib import PurePosixPath",
)
