"""
The best network has a price tag
================================

Thirteen networks out of this chapter, the same images, the same recipe, three seeds.
Which one is best? The question is not finished: best for how many parameters, how many
multiplications, how many seconds? On this page we count and measure the prices, draw
the networks that nobody beats at their price, and then take the ranking apart.

You will

* put four prices on a network before it has learned anything;
* find the *Pareto front* by hand, and know how much of a front is luck;
* list what a table of accuracies does not show, each with a measurement.

**Before this:** the lessons of this chapter, and the one on ablations.
"""

import time
from dataclasses import replace

import torch
from scipy.stats import spearmanr, ttest_rel
from torch.testing import assert_close

from cnn_tutorial import arithmetic, datasets, experiments, plotting, profiles, summary
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, info = profiles.current(), datasets.describe("fashion-sample")
experiment = experiments.get_experiment("comparison")
print(f"{experiment.title}\n{len(experiment.recipes)} networks on {info.title}")

# %%
# Who beats whom?
# ---------------
# The smallest case: four networks, a price and a score each. One *beats* another if it
# costs no more, scores no less, and is better in at least one of the two.

four = {"A": (20, 0.82), "B": (60, 0.80), "C": (130, 0.84), "D": (60, 0.83)}


def beats(one, other):
    return one[0] <= other[0] and one[1] >= other[1] and one != other


def front(points):
    every = points.values()
    return [n for n, p in points.items() if not any(beats(q, p) for q in every)]


predict(
    "A costs 20 and scores 0.82; B 60 and 0.80; C 130 and 0.84; D 60 and 0.83. "
    "Which of them does nobody beat?",
    ", ".join(front(four)),
    because="B is beaten by A, which is cheaper and better. For each of the others "
    "there is a budget at which it is the best you can buy.",
)

# %%
# Those that nobody beats are the *Pareto front*. It replaces "which is best?" by "what
# do I get for my budget?". Whatever is not on it needs another reason to be chosen.
#
# Three prices without an image
# -----------------------------
# A trace counts parameters, multiplications (MACs) and the memory of all layer outputs
# for one image. No network has to run on real data for that.

nets = {name: experiment.build(r, info) for name, r in experiment.recipes.items()}
traces = {name: summary.trace(net, info.input_size) for name, net in nets.items()}
print(f"{'':14}{'parameters':>11}{'MACs':>8}{'memory':>10}{'layers':>8}")
for name, t in traces.items():
    rest = f"{t.macs / 1e6:7.1f}M{t.memory / 1e3:7,.0f} kB{len(t.rows):8}"
    print(f"{name:14}{t.parameters:11,}{rest}")

# %%
# Each column has its own order. Say which network is the dearest in which column, and
# why, before you look again.

prices = "parameters", "macs", "memory"
dearest = [max(traces, key=lambda n, p=p: getattr(traces[n], p)) for p in prices]
predict(
    "Which network is the dearest in parameters, in MACs, in memory?",
    ", ".join(dearest),
    because="Parameters gather in affine maps, MACs where many channels meet large "
    "maps, memory where many layers keep large maps: three different questions.",
)

# %%
# The fourth price is measured
# ----------------------------
# Seconds depend on the machine, too. One step forward and backward on 20 images, the
# fastest of some tries, here and now:

batch, seconds = torch.randn(20, *info.input_size), {}
for name, net in [*nets.items()] * profile.pick(smoke=1, docs=3, full=15):
    start = time.perf_counter()
    net(batch).sum().backward()
    taken = (time.perf_counter() - start) / len(batch)
    seconds[name] = min(taken, seconds.get(name, 1e9))
rate = {name: traces[name].macs / seconds[name] / 1e9 for name in nets}
for name in sorted(rate, key=rate.get)[:: len(rate) - 1]:
    print(f"{name}: {1e3 * seconds[name]:.2f} ms an image, {rate[name]:.2f} GMACs/s")

# %%
# These are the slowest and the fastest, by MACs per second. If MACs decided, both would
# have the same rate. Thin or small layers spend their time on calls and on reading and
# writing; a few fat ones keep a processor computing.
#
# A small comparison, live
# ------------------------
# Two networks, three seeds, few images, and two learning rates: that of the
# experiment, and four times as much. Nothing else differs.

images = datasets.for_role("grey").limited(profile.pick(smoke=50, docs=700, full=4000))
epochs, live = profile.pick(smoke=1, docs=3, full=5), {1: {}, 4: {}}
for name in ("LeNet", "VGG"):
    recipe = replace(experiment.recipes[name], epochs=epochs)
    for times, found in live.items():
        faster = replace(recipe, lr=times * recipe.lr)
        runs = [experiment.run(faster, seed, data=images) for seed in (0, 1, 2)]
        found[name] = x = torch.tensor([run.validation_accuracy for run in runs])
        print(f"{name:9} rate x{times}: {x.mean():.1%}, spread {x.std():.1%}")

# %%
# Would you have ranked the two by the first rate? A rate that suits one network can be
# a handicap for another.

before, after = (100 * (x["LeNet"] - x["VGG"]).mean() for x in live.values())
predict(
    "How many points is LeNet ahead of VGG at the rate of the experiment? And at four "
    "times that rate?",
    f"{before:+z.1f}, then {after:+z.1f}",
    because="The same recipe is not the same chance. A ranking at one rate ranks "
    "networks *with that rate*.",
)

# %%
# The comparison, recorded
# ------------------------
# All thirteen ran on more images and for longer than a page may, at one rate for all.
# None of the numbers that follow comes from this build.

recording = experiments.recorded("comparison")
recording

# %%
# Accuracy on validation images is a mean of three seeds. Seconds are of the processor,
# for a whole run, so that other work on that machine does not count.

scores = {n: torch.tensor(v) for n, v in recording.scores().items()}
spent = {n: sum(s) / len(s) for n, s in recording.processor_seconds.items()}
ranked = sorted(scores, key=lambda n: -scores[n].mean())
print(f"{'':14}{'accuracy':>9}{'spread':>8}{'parameters':>12}{'MACs':>8}{'seconds':>9}")
for name in ranked:
    t, x = traces[name], scores[name]
    rest = f"{t.parameters:12,}{t.macs / 1e6:7.1f}M{spent[name]:9.0f}"
    print(f"{name:14}{x.mean():9.1%}{x.std():8.1%}{rest}")

# %%
# Now pay in parameters. Full points are the front; where rings stand low, much was paid
# for little.

parameters = {name: traces[name].parameters for name in scores}
plotting.pareto(
    parameters,
    scores,
    title="Recorded: what each network makes of its parameters",
    xlabel="parameters",
    ylabel="validation accuracy",
)

# %%
# And in seconds. The scores are the same; the points have moved sideways only.

plotting.pareto(
    spent,
    scores,
    title="Recorded: what each network makes of its time",
    xlabel="seconds of a processor",
    ylabel="validation accuracy",
)

# %%
# The claim, checked
# ------------------
# Our two functions, the package's, and the picture must agree on who is on the front.

means = {name: x.mean().item() for name, x in scores.items()}
for price, costs in (("parameters", parameters), ("seconds", spent)):
    ours = front({name: (costs[name], means[name]) for name in means})
    found = arithmetic.pareto_front(list(costs.values()), list(means.values()))
    assert set(ours) == {list(costs)[k] for k in found}
    print(f"{price}: {', '.join(sorted(ours, key=costs.get))}")

# %%
# A front of pure luck
# --------------------
# A front always exists. Suppose that all networks are equally good and that their
# scores differ by chance alone. Sorted by price, the front consists of the records: the
# first network always, the second with probability 1/2, the third with 1/3, and so on.

count, generator = len(scores), torch.Generator().manual_seed(0)
draws = torch.rand(20000, count, generator=generator)
records = (draws == draws.cummax(1).values).sum(1).double().mean()
expected = sum(1 / k for k in range(1, count + 1))
assert_close(records.item(), expected, atol=0.05, rtol=0)
predict(
    f"{count} networks that are all equally good: how many of them are on the front?",
    f"{expected:.1f} on average",
    because=f"1 + 1/2 + ... + 1/{count}. To be on a front is not yet a merit; to stand "
    "far from those below is.",
)

# %%
# What the ranking does not show: luck
# ------------------------------------
# Three seeds, pair by pair, as in the lesson on ablations: which differences are larger
# than their own uncertainty?

pairs = [(a, b) for i, a in enumerate(ranked) for b in ranked[i + 1 :]]
sure = [p for p in pairs if ttest_rel(scores[p[0]], scores[p[1]]).pvalue < 0.05]
best = ranked[0]
tied = [b for a, b in pairs if a == best and (a, b) not in sure]
print(f"{len(sure)} of {len(pairs)} pairs can be told apart. Not shown to be worse")
print(f"than {best}: {', '.join(tied) or 'none'}")

# %%
# Of so many pairs one in twenty would look different by chance. And the score of the
# winner is too good: the best of thirteen is best partly by luck. The test images were
# looked at once.

tested = torch.tensor(recording.scores("test_accuracy")[best]).mean()
print(f"{best}: validation {means[best]:.1%}, test {tested:.1%}")

# %%
# Length
# ------
# Who leads after one epoch need not lead after five. Follow four of them first.

what = "validation_accuracy"
curves = {n: torch.tensor([r.curves[what] for r in recording.runs[n]]) for n in scores}
plotting.lines(
    range(1, 1 + curves[best].shape[1]),
    {name: curves[name] for name in ("LeNet", "VGG", "ResNet-8", "MobileNetV2")},
    title="Recorded: some start fast, others arrive later",
    xlabel="epoch",
    ylabel="validation accuracy",
)

# %%
# Now the whole order, after each epoch against the last one, by Spearman's rank
# correlation: 1 is the same order, 0 no relation. A longer comparison is another
# comparison.

by_epoch = torch.stack([c.mean(0) for c in curves.values()], dim=1)  # epoch, network
for epoch, row in enumerate(by_epoch, start=1):
    same, leader = spearmanr(row, by_epoch[-1]).statistic, list(curves)[row.argmax()]
    print(f"epoch {epoch}: correlation with the last {same:5.2f}, first is {leader}")

# %%
# A family is a curve
# -------------------
# A network is one point of its family: width and depth move it. Two families are here
# twice, at two widths.

for name in ("VGG", "ResNet-8"):
    gain = means[f"{name} x2"] - means[name]
    print(f"{name}: twice the width gives {100 * gain:+.1f} points")

# %%
# Where it breaks
# ---------------
# What is free has no place on a logarithmic axis of prices.

with expect_error(ValueError):
    plotting.pareto({"a": 0}, {"a": 1}, title="Free", xlabel="price", ylabel="score")

# %%
# Deviations from the papers: all networks are narrower than theirs, stems and strides
# are those for small images, none has its own recipe, and five epochs are far from the
# hundreds they were made for. A paper's ranking on large photographs and ours on small
# clothes are two questions.
#
# Takeaways
# ---------
# * "Best" needs a price. Parameters, MACs, memory and seconds order networks
#   differently; only seconds have to be measured.
# * The front is who nobody beats at their price. Luck alone makes one, too.
# * The same recipe is not the same chance: rate and length decide along.
# * Pairs, not places: most neighbours in a ranking cannot be told apart by three seeds.
# * A family is a curve; one point of it says little about the family.
#
# Check yourself
# --------------
# Somebody new comes to the front, or does not.

ask("price_of_the_unbeaten")

# %%
# And three prices for three layers:

ask("dearest_layer")

# %%
# Exercise
# --------
# Draw the front with luck taken into account: who is behind by no more than a margin
# stays.


def clear_front(costs, scores, margin):
    """Return the places of all that nobody clearly beats, in ascending order.

    Clearly beaten is who is beaten by more than `margin`, at no higher cost.
    """
    raise NotImplementedError


check("clear_front", clear_front)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("clear_front")

# %%
# References
# ----------
# 1. M. Dehghani, A. Arnab, L. Beyer, A. Vaswani, Y. Tay. *The Efficiency Misnomer.*
#    ICLR 2022. Parameters, FLOPs and speed disagree. `arXiv:2110.12894
#    <https://arxiv.org/abs/2110.12894>`__
# 2. X. Bouthillier and others. *Accounting for Variance in Machine Learning
#    Benchmarks.* MLSys 2021. `arXiv:2103.03098 <https://arxiv.org/abs/2103.03098>`__
# 3. I. Bello and others. *Revisiting ResNets: Improved Training and Scaling
#    Strategies.* NeurIPS 2021. An old network with a new recipe. `arXiv:2103.07579
#    <https://arxiv.org/abs/2103.07579>`__
# 4. H. Xiao, K. Rasul, R. Vollgraf. *Fashion-MNIST.* 2017. `arXiv:1708.07747
#    <https://arxiv.org/abs/1708.07747>`__
