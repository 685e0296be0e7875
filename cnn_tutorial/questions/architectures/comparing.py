"""Prices and scores: who is beaten by whom, and what a table can tell."""

from __future__ import annotations

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "50_architectures/70_comparison",
    score=(79, 80, 81, 83, 84, 86, 88, 90),
    price=(1, 2, 5),
    best=(87, 89),
)
def price_of_the_unbeaten(score: int, price: int, best: int) -> Posed:
    """Prices at which a network is on the front."""
    costs, scores = [20 * price, 60 * price, 130 * price], [82, 85, best]
    texts = [f"below {cost}" for cost in costs] + ["at any price"]
    asked = "Is anybody as cheap then, with a better score?"
    beaten = [
        3 not in arithmetic.pareto_front([*costs, cost], [*scores, score])
        for cost in costs
    ]
    place = beaten.index(True) if any(beaten) else 3
    return Posed(
        f"A costs {costs[0]} and scores 82; B {costs[1]} and 85; C {costs[2]} and "
        f"{best}. A new network scores {score}. At which prices is it on the Pareto "
        "front of the four?",
        texts[place],
        f"{'ABC'[place]} is the cheapest that scores more, and beats it from the same "
        "price on."
        if place < 3
        else "Nobody scores as much, so that nobody beats it at any price.",
        {
            text: f"What if it costs {costs[k]}? {asked}"
            if k < place
            else f"What if it costs {costs[k - 1] + 1}? {asked}"
            for k, text in enumerate(texts)
        },
    )


_LAYERS = ("the affine map", "the 3 x 3 convolution", "the 1 x 1 convolution")
_MOST = {"parameters": "most parameters", "MACs": "most MACs"}
_MOST |= {"memory": "largest output"}
_CHEAP = {
    "parameters": (
        "It has a weight for each pair of input and output. How many are that?",
        "A kernel is the same at all places. How many weights are that?",
        "Its windows hold one pixel. How many weights are that?",
    ),
    "MACs": (
        "It uses each weight once for an image. How often does a convolution?",
        "Channels read, channels made, nine, and the places: multiply them.",
        "Its maps are large. But how many products are there at each place?",
    ),
    "memory": (
        "What it reads does not count here, nor do its weights: how many come out?",
        "It reads and makes many channels. How large are their maps?",
        "It makes maps. How many are they, and how large?",
    ),
}


@question(
    "50_architectures/70_comparison",
    asked=tuple(_CHEAP),
    features=((1000, 500), (2000, 400), (100, 10)),
    middle=((64, 14), (32, 28), (128, 14)),
    thin=((8, 32, 56), (64, 64, 56), (8, 32, 14)),
)
def dearest_layer(
    asked: str,
    features: tuple[int, int],
    middle: tuple[int, int],
    thin: tuple[int, int, int],
) -> Posed:
    """Which of three layers is the dearest, by parameters, MACs or memory."""
    (c, side), (reads, makes, large) = middle, thin
    counts = {
        "parameters": (
            arithmetic.linear_parameters(*features, bias=False),
            arithmetic.conv_parameters(c, c, 3, bias=False),
            arithmetic.conv_parameters(reads, makes, 1, bias=False),
        ),
        "MACs": (
            arithmetic.linear_macs(*features),
            arithmetic.conv_macs(c, c, 3, side),
            arithmetic.conv_macs(reads, makes, 1, large),
        ),
        "memory": (features[1], c * side**2, makes * large**2),
    }[asked]
    return Posed(
        f"An affine map from {features[0]} to {features[1]} numbers; a 3 x 3 "
        f"convolution from {c} to {c} channels on maps of {side} x {side}; a 1 x 1 "
        f"convolution from {reads} to {makes} on {large} x {large}. None changes the "
        f"side. Which has the {_MOST[asked]}?",
        _LAYERS[counts.index(max(counts))],
        f"In this order, without biases: {', '.join(f'{n:,}' for n in counts)}"
        f"{' numbers' if asked == 'memory' else ''}.",
        dict(zip(_LAYERS, _CHEAP[asked], strict=True)),
    )


@question(
    "50_architectures/72_fashion",
    images=(1000, 2000, 10000),
    points=(0.6, 1.2, 2.4, 3.0),
    finer=(2, 3, 10, 0.5),
)
def images_for_a_difference(images: int, points: float, finer: float) -> Posed:
    """Test images that show a smaller difference."""
    answer = round(images * finer**2)
    return Posed(
        f"{images:,} test images can show a difference between two scores from about "
        f"{points:.1f} points on. How many does it take to show {points / finer:.2g} "
        "points?",
        f"{answer:,}",
        f"A spread falls with the root of the images: {images:,} * {finer:g} * "
        f"{finer:g}.",
        {
            f"{round(images * finer):,}": "Do twice as many images halve a spread?",
            f"{round(images / finer):,}": "Does a smaller difference need more "
            "images, or fewer?",
            f"{round(images * 2 * finer):,}": "By how much does a spread fall with "
            "four times the images?",
            f"{round(images / finer**2):,}": "The power is right. Does a smaller "
            "difference need more images, or fewer?",
        },
    )


@question(
    "50_architectures/72_fashion",
    images=(600, 800, 1000),
    epochs=(16, 24, 32, 48),
    times=(2, 4, 8),
    batch=(50, 100),
    other=(50, 100),
)
def epochs_of_equal_steps(
    images: int, epochs: int, times: int, batch: int, other: int
) -> Posed | None:
    """Epochs on more images that have as many steps."""
    before, now = (
        len(range(0, n, b)) for n, b in ((images, batch), (times * images, other))
    )
    answer, rest = divmod(epochs * before, now)
    if rest:
        return None
    return Posed(
        f"A network was trained on {images:,} images, in batches of {batch}, for "
        f"{epochs} epochs. On {times * images:,} images, in batches of {other}, how "
        "many epochs have as many steps?",
        answer,
        f"{epochs} * {before} = {epochs * before} steps; an epoch has {now} now: "
        f"{epochs * before} / {now}.",
        {
            epochs // times: "Are the batches as large as before?",
            epochs * other // batch: "Has an epoch as many images as before?",
            epochs * times: "Does an epoch on more images have more steps, or fewer?",
            before: "That is how many steps an epoch had.",
            now: "That is how many steps an epoch has now.",
        },
    )


QUESTIONS = (
    price_of_the_unbeaten,
    dearest_layer,
    images_for_a_difference,
    epochs_of_equal_steps,
)
