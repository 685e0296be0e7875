"""Exercise: count the parameters of a bottleneck."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def bottleneck_parameters(in_channels: int, channels: int, stride: int = 1) -> int:
    """Return how many parameters a bottleneck with norms and without biases has."""
    out_channels = 4 * channels
    convolutions = in_channels * channels + 9 * channels**2 + channels * out_channels
    norms = 2 * (channels + channels + out_channels)
    shortcut = 0
    if stride != 1 or in_channels != out_channels:
        shortcut = in_channels * out_channels + 2 * out_channels
    return convolutions + norms + shortcut


def _counted(
    *,
    norms: int = 2,
    biases: bool = False,
    window: int = 9,
    times: int = 4,
    past: str = "either",
    past_norm: bool = True,
    past_window: int = 1,
) -> Attempt:
    def count(in_channels: int, channels: int, stride: int = 1) -> int:
        out = times * channels
        each = in_channels * channels, window * channels**2, channels * out
        found = sum(each) + (norms + biases) * (2 * channels + out)
        needed = {
            "either": stride != 1 or in_channels != out,
            "stride": stride != 1,
            "channels": in_channels != out,
            "always": True,
            "never": False,
            "inside": stride != 1 or in_channels != channels,
        }[past]
        if needed:
            more = (norms if past_norm else 0) + biases
            found += past_window * in_channels * out + more * out
        return found

    return count


MISTAKES = (
    Mistake(
        "the norms are not counted",
        "Each norm has a scale and a shift for each of its channels: 2 * channels.",
        _counted(norms=0),
    ),
    Mistake(
        "one number for each channel of a norm",
        "A norm has two numbers for each channel, a scale and a shift.",
        _counted(norms=1),
    ),
    Mistake(
        "running statistics are counted",
        "Running means and variances are buffers: nothing trains them.",
        _counted(norms=4),
    ),
    Mistake(
        "biases are counted",
        "A convolution before a norm has no bias.",
        _counted(biases=True),
    ),
    Mistake(
        "the 3x3 convolution is counted as a 1x1",
        "The one in the middle has 3 * 3 elements in its window.",
        _counted(window=1),
    ),
    Mistake(
        "the last convolution does not expand",
        "What comes out has four times as many channels as the middle.",
        _counted(times=1),
    ),
    Mistake(
        "the shortcut is forgotten",
        "Where shapes differ, the shortcut is a 1x1 convolution and a norm.",
        _counted(past="never"),
    ),
    Mistake(
        "the shortcut always has weights",
        "Where stride is 1 and the channels agree, it is the identity.",
        _counted(past="always"),
    ),
    Mistake(
        "the shortcut depends on the stride only",
        "The very first bottleneck has stride 1 and widens all the same: look at the "
        "channels, too.",
        _counted(past="stride"),
    ),
    Mistake(
        "the shortcut depends on the channels only",
        "With stride 2 the maps shrink: a projection, even if the channels agree.",
        _counted(past="channels"),
    ),
    Mistake(
        "the shortcut compares with the channels in the middle",
        "It must fit what comes out, 4 * channels.",
        _counted(past="inside"),
    ),
    Mistake(
        "the norm of the shortcut is not counted",
        "The projection is followed by a norm of its own: 2 numbers for each of its "
        "4 * channels.",
        _counted(past_norm=False),
    ),
    Mistake(
        "the shortcut has 3x3 windows",
        "Its convolution is 1x1.",
        _counted(past_window=9),
    ),
)


def _case(name: str, in_channels: int, channels: int, stride: int | None) -> Case:
    more = {} if stride is None else {"stride": stride}
    given = {"in_channels": in_channels, "channels": channels, **more}
    return Case(name, lambda: dict(given))


EXERCISE = Exercise(
    reference=bottleneck_parameters,
    title="Count a bottleneck",
    lesson="50_architectures/32_resnet",
    level="core",
    minutes=8,
    prompt="Return the number of parameters of a bottleneck: 1x1 from `in_channels` to "
    "`channels`, 3x3 among them, 1x1 to four times as many, each followed by a batch "
    "norm and none with a bias; and of its shortcut, where it has any.",
    observe=call_it(bottleneck_parameters),
    cases=(
        # 4*1 + 9 + 4; norms 2*(1 + 1 + 4); identity.
        _case("4 channels, 1 in the middle", 4, 1, None),
        # 1 + 9 + 4; norms 12; shortcut 1*4 + 2*4.
        _case("1 channel, 1 in the middle", 1, 1, 1),
        # 4 + 9 + 4; 12; 4*4 + 2*4.
        _case("stride 2", 4, 1, 2),
        _case("the first one of ResNet-50", 64, 64, 1),
        _case("the second one", 256, 64, 1),
        _case("where the second stage begins", 256, 128, 2),
        _case("primes", 7, 5, 2),
    ),
    mistakes=MISTAKES,
    hints=(
        "Three convolutions, three norms, and a shortcut that may have both.",
        (
            "Weights: in_channels * channels, 9 * channels * channels, channels * 4 * "
            "channels. Norms: 2 numbers for each channel that they see."
        ),
        (
            "Add in_channels * out + 2 * out for the shortcut if stride is not 1 or "
            "in_channels is not out = 4 * channels."
        ),
    ),
    next="Which of the three convolutions has most of the weights? Does it depend on "
    "`channels`?",
)
