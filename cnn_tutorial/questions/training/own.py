"""A residual block, an error bar, a frozen trunk, and folders of one's own images."""

from __future__ import annotations

import torch
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/58_small_resnet",
    x=((2, 0, 3), (1, 2, 4), (3, 1, 0), (0, 4, 2)),
    inner=((-3, 1, -1), (1, -3, 2), (-1, 2, -2), (-2, -5, 1), (4, -2, -3)),
)
def out_of_a_block(x: tuple[int, ...], inner: tuple[int, ...]) -> Posed:
    """Numbers that leave a residual block."""
    given, said = torch.tensor(x), torch.tensor(inner)
    total = tuple((given + said).tolist())
    return Posed(
        f"A residual block reads {x}. Its second batch norm, the last layer before the "
        f"addition, gives {inner}. The shortcut changes nothing. What does the block "
        "hand on?",
        tuple(torch.relu(given + said).tolist()),
        f"First the sum, {total}, then the ReLU.",
        {
            tuple((given + said.relu()).tolist()): "The last ReLU comes after the "
            "addition, so that the inside may also take something away.",
            total: "There is one more ReLU, after the addition.",
            tuple(said.relu().tolist()): "A residual block adds what it was given.",
            tuple((given - said).relu().tolist()): "The two are added, not subtracted.",
        },
    )


@question(
    "40_training/58_small_resnet",
    images=(500, 1000, 2000, 3000),
    bar=(1.2, 2.4, 3.6),
    finer=(2, 3, 4),
)
def images_for_a_bar(images: int, bar: float, finer: int) -> Posed | None:
    """Images that a shorter error bar needs."""
    if bar > 100 / images**0.5:
        return None  # more than an accuracy of 50 % has
    words = {2: "half", 3: "a third", 4: "a quarter"}
    return Posed(
        f"Measured on {images} images, an accuracy has an error bar of ± {bar} %. "
        f"About how many images give the same accuracy a bar of ± {bar / finer:.1f} %?",
        images * finer**2,
        f"The bar falls with the root of the number of images: for {words[finer]} of "
        f"it, {finer} * {finer} times as many.",
        {
            images * finer: "The bar does not fall with the number of images, but with "
            "its square root.",
            images * finer * 2: "The 2 in front of the root is in both bars. What is "
            "under the root?",
            images * 2**finer: "Which number, squared, makes the bar shorter by this "
            "much?",
            images // finer: "Fewer images make a longer bar.",
        },
    )


_CHANGED = {  # weights of the head, weights of the trunk, statistics of its norms
    (True, True, True): "all weights and the statistics",
    (True, True, False): "all weights, not the statistics",
    (True, False, True): "the head's weights and the statistics",
    (True, False, False): "the head's weights only",
    (False, False, True): "the statistics only",
    (False, False, False): "nothing",
}


def _changed(*, frozen: bool, train: bool, steps: bool, batches: int) -> str:
    with torch.random.fork_rng(devices=[]):
        trunk = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten())
        head = nn.Linear(8, 2)
    generator = torch.Generator().manual_seed(batches)
    for parameter in trunk.parameters():
        parameter.requires_grad_(not frozen)
    net = nn.Sequential(trunk, head).train(train)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], 1.0)
    for _ in range(batches):
        net(torch.randn(5, 1, 4, 4, generator=generator))[
            :, 0
        ].square().sum().backward()
        if steps:
            optimizer.step()
        optimizer.zero_grad()
    moved = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
    return _CHANGED[
        "1.weight" in moved, "0.0.weight" in moved, "0.1.running_mean" in moved
    ]


@question(
    "40_training/60_transfer",
    frozen=(True, True, False),
    train=(True, False),
    steps=(True, True, False),
    batches=(2, 3, 4, 5),
)
def moved_by_training(frozen: bool, train: bool, steps: bool, batches: int) -> Posed:
    """Numbers of a trunk and a head that are no longer what they were."""
    mode = "train" if train else "eval"
    parts = "Neither a trunk with batch norms nor its new head is frozen."
    parts = (
        "A trunk with batch norms is frozen, its new head is not." if frozen else parts
    )
    update = "and a step" if steps else "but no step"
    norms = "each batch moves" if train else "no batch moves"
    if not steps:
        why = "Without a step of the optimiser no weight moves."
    elif frozen:
        why = "Steps move the head; a frozen trunk has no gradient."
    else:
        why = "Steps move whatever has a gradient, here all weights."
    return Posed(
        f"{parts} In `{mode}` mode the network reads {batches} batches, each with "
        f"`backward` {update} of the optimiser. What has changed among the weights and "
        "the running statistics of the norms?",
        _changed(frozen=frozen, train=train, steps=steps, batches=batches),
        f"{why} In `{mode}` mode {norms} the running statistics.",
        {
            _CHANGED[steps, steps and not frozen, not train]: "The mode alone decides "
            "about the statistics: they are buffers and no parameters.",
            _CHANGED[steps, steps and frozen, train]: "Which of the weights get a "
            "gradient?",
            _CHANGED[
                not steps, not steps and not frozen, train
            ]: "It is the optimiser's step that moves weights.",
            _CHANGED[
                not steps, not steps and not frozen, not train
            ]: "Ask for the weights: is there a gradient, and a step? For the "
            "statistics: which mode?",
        },
    )


@question(
    "40_training/70_own_images",
    folders=(
        ("wolf", "ant", "cow"),
        ("hen", "cat", "rat"),
        ("pig", "fox", "owl"),
        ("gnu", "yak", "dog"),
    ),
    asked=(0, 1, 2),
    added=("bee", "elk", "lynx", "swan"),
)
def label_of_a_folder(folders: tuple[str, ...], asked: int, added: str) -> Posed:
    """Label of a class after another one was added."""
    name, listed = folders[asked], [*folders, added]
    label = sorted(listed).index(name)
    wrong = {
        label - 1 if label else 3: "Sort all four names, then count from 0.",
        label + 1: "Labels count from 0.",
        listed.index(name): "The order in which folders were added does not count.",
        sorted(folders).index(name): "That was its label before. All labels are given "
        "anew, by alphabet.",
    }
    return Posed(
        f"A model was trained on the folders {', '.join(folders)}. Then somebody adds "
        f"the folder {added} and trains anew. Which label does {name} have "
        "then?",
        label,
        f"In alphabetical order they are {', '.join(sorted(listed))}, counted from 0.",
        dict(reversed(wrong.items())),
    )


@question(
    "40_training/70_own_images",
    longer=(120, 140, 160, 200),
    shorter=(60, 80, 100),
    size=(32, 40),
    wide=(True, False),
)
def part_that_is_seen(longer: int, shorter: int, size: int, wide: bool) -> Posed:
    """Part of a picture that is left by scaling and cutting."""
    first, middle = (longer - shorter) // 2, (longer - size) // 2
    width, height = (longer, shorter) if wide else (shorter, longer)
    lines = "columns" if wide else "rows"
    return Posed(
        f"A picture is {width} pixels wide and {height} high. It is scaled until its "
        f"shorter side is {size}, and {size} x {size} are cut out of the middle. Which "
        f"of the picture's own {lines} does the network see, rounding aside?",
        f"{first} to {first + shorter - 1}",
        f"As many {lines} as the shorter side has pixels, {shorter}, from the middle: "
        f"{first} are lost on either side.",
        {
            f"{middle} to {middle + size - 1}": "The picture is scaled before it is "
            "cut: one pixel that comes out was several.",
            f"0 to {shorter - 1}": "As many as that, but where are they cut out?",
            f"0 to {longer - 1}": "Then it would be squeezed. What does not fit is cut "
            "off.",
        },
    )


QUESTIONS = (
    out_of_a_block,
    images_for_a_bar,
    moved_by_training,
    label_of_a_folder,
    part_that_is_seen,
)
