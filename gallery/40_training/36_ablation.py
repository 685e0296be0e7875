"""
Which ingredient earns its place?
=================================

A modern recipe has seven ingredients, and each has a paper that says it helps. On your
data, with your network and your patience, some of them do nothing, and one may do harm.
An *ablation* finds out: leave out one ingredient at a time, and measure. Most ablations
that one meets are wrong, because they forget how much luck there is in a single run.

You will

* write a recipe as data, and derive its variants instead of copying them;
* compute mean, spread and a verdict by hand, with the luck taken into account;
* read a recorded comparison, and say which ingredients did *not* help.

**Before this:** the lessons on batch norm, dropout and optimisers.
"""

from dataclasses import asdict, replace

import torch
from scipy.stats import t, ttest_rel
from torch.testing import assert_close

from cnn_tutorial import datasets, experiments, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
grey = datasets.for_role("grey").limited(profile.pick(smoke=60, docs=400, full=5000))
print(f"{grey.info.title}, a part of it: {grey.info.splits}")

# %%
# A recipe is data
# ----------------
# Everything that somebody chose stands in one object. A variant is that object with one
# thing replaced, so that nothing else can differ by accident. Here is the whole recipe,
# and below it what each variant changes.

experiment = experiments.get_experiment("leave-one-out")
whole = asdict(experiment.recipes["all of it"])
for name, value in whole.items():
    print(f"{name:16} {value}")
print()
for name, recipe in experiment.recipes.items():
    changes = {k: v for k, v in asdict(recipe).items() if v != whole[k]}
    print(f"{name:20}", *(f"{k}: {v}" for k, v in changes.items()))

# %%
# Why not try every combination? Count first.

variants, seeds = len(experiment.recipes), len(experiment.seeds)
predict(
    f"{variants - 1} ingredients, each in or out, from {seeds} seeds each: how many "
    "trainings would all combinations take? And leaving out one at a time?",
    f"{2 ** (variants - 1) * seeds}, and {variants * seeds}",
    because="2 * 2 * ... once for each ingredient; against the whole recipe and one "
    "variant for each. The price: we do not see how two ingredients work together.",
)

# %%
# One seed is an anecdote
# -----------------------
# The same recipe, the same images, three times. The only difference is the seed: first
# weights, order of the images, random crops. We train for a few epochs on a few images,
# so that the page can afford it.

epochs = profile.pick(smoke=1, docs=4, full=8)
short = {
    name: replace(recipe, epochs=epochs, images=None)
    for name, recipe in experiment.recipes.items()
}
same = [experiment.run(short["all of it"], seed, data=grey) for seed in (0, 1, 2)]
x = torch.tensor([100 * run.validation_accuracy for run in same])  # percent
print("validation accuracy:", ", ".join(f"{value:.1f} %" for value in x))

# %%
# Nobody changed anything, and the score changed. The *mean* is the best guess at what
# the recipe gives; the *spread* (the standard deviation over seeds) is how far a single
# run strays from it. Both by hand:

n = len(x)
mean = x.sum() / n
spread = ((x - mean).square().sum() / (n - 1)).sqrt()
assert_close(mean, x.mean())
assert_close(spread, x.std())
predict(
    "A colleague leaves out an ingredient, trains once, and gains one point of "
    "accuracy. How large is one point here, in spreads?",
    f"{1 / spread:.1f} spreads",
    because=f"The spread of this recipe is {spread:.1f} points. What is within a "
    "spread or two of the mean is what luck alone does all the time.",
)

# %%
# Divide by *n - 1*: the mean was computed from the same three numbers, and sits closer
# to them than the true one would.
#
# Leave one out
# -------------
# Now the variants, each from the same three seeds. The page trains a few of them.

chosen = profile.pick(
    smoke=["no batch norm"],
    docs=["no batch norm", "no crop and flip", "dropout 0.3 besides"],
    full=list(short)[1:],
)
runs = {"all of it": same}
for name in chosen:
    runs[name] = [experiment.run(short[name], seed, data=grey) for seed in (0, 1, 2)]
scores = {
    name: torch.tensor([100 * run.validation_accuracy for run in found])
    for name, found in runs.items()
}
plotting.bars(
    scores,
    title="Live, a small version: validation accuracy without one ingredient",
    xlabel="percent",
)

# %%
# The rings are seeds. Where the rings of two bars overlap, a single run of each could
# have told either story.
#
# A verdict, by hand
# ------------------
# Seed 0 of both variants saw the same images in the same order, so that we compare seed
# by seed: three *differences*, their mean, and how uncertain that mean is. A mean of
# three is steadier than one run, by the square root of three. And since the spread
# itself is a guess from three numbers, we must be generous: 4.3 times, not 2.


def difference(with_it, without):
    d = with_it - without  # one for each seed
    mean, half = d.mean(), 4.303 * d.std() / len(d) ** 0.5
    return mean, half  # the true difference is within mean +- half, 95 times in 100


def verdict(with_it, without):
    mean, half = difference(with_it, without)
    if mean.abs() <= half:
        return "not shown"
    return "helps" if mean > 0 else "hurts"


for name in chosen:
    mean, half = difference(scores["all of it"], scores[name])
    word = verdict(scores["all of it"], scores[name])
    print(f"all of it against {name:20} {mean:+5.1f} +- {half:4.1f} points: {word}")

# %%
# A plus says that the whole recipe is better than the variant. (Against "dropout
# besides", the whole recipe is the one *without* dropout.) "Not shown" is not "does
# nothing": three short runs could not tell.
#
# In the library
# --------------
# This is the paired *t* test, and SciPy has it. Its factor for three seeds is our
# 4.303, and its interval must be ours.

assert_close(t.ppf(0.975, df=2), 4.303, atol=1e-3, rtol=0)
with_it, without = scores["all of it"], scores[chosen[0]]
mean, half = difference(with_it, without)
interval = ttest_rel(with_it.double(), without.double()).confidence_interval(0.95)
assert_close(
    torch.tensor([mean - half, mean + half]),
    torch.tensor([interval.low, interval.high], dtype=torch.float32),
    atol=1e-2,
    rtol=1e-3,
)
for count in (3, 5, 10):
    print(f"{count:2} seeds: factor {t.ppf(0.975, df=count - 1):.2f}")

# %%
# With more seeds the spread is better known. The interval shrinks twice: by this factor,
# and by the square root of the number of seeds.
#
# The recorded run
# ----------------
# A comparison worth believing takes longer than a page may. All eight recipes ran once,
# from three seeds each, on more images and for longer. The box says when, on what, and
# whether recipe and code are still the same. None of the numbers below it comes from
# this build.

recording = experiments.recorded("leave-one-out")
recording

# %%
# Guess before you look: which ingredient was worth most, and which one was harmful?

recorded = {
    name: 100 * torch.tensor(values) for name, values in recording.scores().items()
}
plotting.bars(
    recorded,
    title="Recorded: validation accuracy without one ingredient, three seeds",
    xlabel="percent",
)

# %%
# The same function as above, on the recorded scores:

words = {}
for name in list(recorded)[1:]:
    mean, half = difference(recorded["all of it"], recorded[name])
    words[name] = verdict(recorded["all of it"], recorded[name])
    print(f"all of it against {name:20} {mean:+5.1f} +- {half:4.1f}: {words[name]}")
for said, word in (("beats", "helps"), ("loses to", "hurts")):
    found = [name for name in words if words[name] == word]
    print(f"the whole recipe {said}: {', '.join(found) or 'none'}")
print("did not show:", ", ".join(n for n in words if words[n] == "not shown"))

# %%
# Where leaving something out costs nothing, or even gains, the ingredient did not help.
# It did not help *here*: a small network, a few epochs, learning rate and length set
# once for the whole recipe. Random crops and flips make the training images harder; a
# network that has no time to learn them by heart has nothing to gain from that. Look at
# the gap, training minus validation accuracy:

print("Recorded, mean of three seeds:")
for name, gaps in recording.scores("gap").items():
    print(f"{name:20} {100 * torch.tensor(gaps).mean():+.1f} points")

# %%
# A remedy against overfitting is for a patient who overfits. Curves show the same from
# another side: how fast each of the two gets there.

plotting.curves(
    {name: recording.runs[name] for name in ("all of it", "no batch norm")},
    title="Recorded: with and without batch norm, mean and range of three seeds",
)

# %%
# Where it breaks
# ---------------
# Whoever picks the seed, picks the verdict. Take the luckiest run of one recipe and the
# unluckiest of another:

for name in list(recorded)[1:]:
    luck = recorded[name].max() - recorded["all of it"].min()
    if luck > 0 and words[name] != "hurts":
        print(f"lucky {name!r} beats the unlucky whole by {luck:.1f} points")

# %%
# So much for luck on purpose. It also works by itself: test many ingredients, and some
# verdict will be wrong.

false = 1 - 0.95 ** (variants - 1)
predict(
    f"Suppose that none of {variants - 1} ingredients does anything. Each verdict is "
    "wrong 5 times in 100. How probable is at least one false discovery?",
    f"{false:.0%}",
    because=f"If the comparisons were independent: 1 - 0.95 ** {variants - 1}. What "
    "you want to build on, run again from fresh seeds.",
)

# %%
# The package refuses to compare what cannot be compared:

with expect_error(ValueError):
    replace(experiment, seeds=(0,))

# %%
# And a recording knows when the recipe is another one. Its digest is:

recipe, build = experiment.recipes["all of it"], experiment.build
now, other = (experiments.digest(r, build) for r in (recipe, replace(recipe, lr=0.05)))
print(f"recorded {recording.digests['all of it']}")
print(f"today    {now}, with lr=0.05 {other}")
assert now != other

# %%
# The test, once
# --------------
# Validation images chose; they cannot also judge, because the best of eight is best
# partly by luck. The test images were looked at once in each recorded run, and nothing
# was chosen by them.

best = max(recorded, key=lambda name: recorded[name].mean())
tested = 100 * torch.tensor(recording.scores("test_accuracy")[best])
print(f"chosen by validation: {best!r}, {recorded[best].mean():.1f} % there")
print(f"on test images: {tested.mean():.1f} %, spread of the seeds {tested.std():.1f}")

# %%
# Takeaways
# ---------
# * A recipe is data; a variant is the recipe with one thing replaced.
# * A score has a mean and a spread. Three seeds are the least; a difference is judged
#   seed by seed, against its own uncertainty.
# * "Not shown" is a result, and "did not help" is one too. Both hold for this network,
#   these images, this length.
# * Recorded numbers say when, on what and from which code they are; when the code
#   changes, they say that too.
#
# Check yourself
# --------------
# Judge a comparison of three seeds in your head.

ask("verdict_of_three_seeds")

# %%
# Exercise
# --------
# Two lists of scores, one entry for each seed. Return the mean difference, and the half
# width of its interval.


def paired_difference(with_it, without, factor=4.303):
    """Return (mean, half): the differences' mean, and factor * std / sqrt(n)."""
    raise NotImplementedError


check("paired_difference", paired_difference)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("paired_difference")

# %%
# References
# ----------
# 1. X. Bouthillier and others. *Accounting for Variance in Machine Learning
#    Benchmarks.* MLSys 2021. `arXiv:2103.03098 <https://arxiv.org/abs/2103.03098>`__
# 2. Student. *The Probable Error of a Mean.* Biometrika 6(1), 1908. Where the generous
#    factor for small samples comes from.
# 3. Z. C. Lipton, J. Steinhardt. *Troubling Trends in Machine Learning Scholarship.*
#    2018. Section 3.2: gains whose source nobody identified. `arXiv:1807.03341
#    <https://arxiv.org/abs/1807.03341>`__
