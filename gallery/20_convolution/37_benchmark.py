"""
Which machine wins? A benchmark one can trust
=============================================

"Ours is twice as fast" is easily said. One call each, one stopwatch, two numbers, and
next morning the same two calls say something else. On this page we find out what makes
readings lie, build a comparison that survives it, and then let it judge: which
convolution wins at which size, and does the package's own rule know?

You will

* see two readings of the same call differ, and say why;
* write a comparison that holds on a machine that has other things to do;
* read the rule of ``conv2d(method="auto")`` and find where it errs.

**Before this:** the lesson on five machines.
"""

import random
from statistics import mean, median
from time import perf_counter

import torch
import torch.nn.functional as F

from cnn_tutorial import benchmarks, convolution, plotting, profiles
from cnn_tutorial.benchmarks.suites import convolution as suite
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

threads = torch.get_num_threads()
torch.set_num_threads(1)  # put back at the end: two threads may wait for each other
x, weight = torch.randn(1, 1, 128, 128), torch.randn(1, 1, 15, 15)

# %%
# The question
# ------------
# Sixty readings of one and the same call. Nothing in our program changes from one to
# the next.


def reading(call):
    start = perf_counter()
    call()
    return 1e3 * (perf_counter() - start)  # milliseconds


def by_fourier():
    return convolution.conv2d_fft(x, weight)


readings = [reading(by_fourier) for _ in range(60)]
predict(
    "How many times the shortest reading is the longest?",
    f"{max(readings) / min(readings):.1f} times",
    because="The computer does other things too, and the first call does what later "
    "ones need not do again.",
)

# %%
# Here they are, in order. Look at the very first one, then at the ones that stick out.

print(f"first reading: {readings[0] / median(readings):.1f} times the median")
plotting.lines(
    range(1, 61),
    {"one call": readings},
    title="Sixty readings of the same convolution",
    xlabel="call",
    ylabel="milliseconds",
    log="y",
)

# %%
# The first call asks for memory, loads code, fills caches. That is real work, but not
# the work we want to compare: a *warm-up* that nobody counts comes first, always.
#
# A machine that slows down
# -------------------------
# The other trouble does not end. To see what it does we make up a machine that we know.
# Call A takes 2 ms and call B takes 3 ms: the truth is a ratio of 1.5. At some moment
# somebody starts a backup, and everything takes twice as long.

load = [1, 1, 1, 1, 2, 2, 2, 2]  # how much longer, moment by moment
a_first = [2 * load[k] for k in range(4)]  # A at the moments 0 to 3,
b_then = [3 * load[k] for k in range(4, 8)]  # B after that
print("A:", a_first, " B:", b_then)
predict(
    "B against A, each four times in a row: what ratio does the stopwatch report?",
    f"{mean(b_then) / mean(a_first):.1f}",
    because="A was lucky and B was not. Neither more readings nor a median helps: "
    "every reading of B was taken on the slow machine.",
)

# %%
# Now they take turns. The backup still comes, but it comes to both.

a_turn = [2 * load[k] for k in (0, 2, 4, 6)]
b_turn = [3 * load[k] for k in (1, 3, 5, 7)]
ratios = [b / a for b, a in zip(b_turn, a_turn, strict=True)]
print("A:", a_turn, " B:", b_turn, " ratios round by round:", ratios)
assert median(ratios) == 1.5

# %%
# The times are wrong, half of them. The ratios are right, all of them: whatever slows a
# round down slows both, and cancels. One accident can still hit a single reading. What
# would it do to three summaries of the ratios?

b_turn[2] = 90  # the accident: instead of 6
ratios = [b / a for b, a in zip(b_turn, a_turn, strict=True)]
print("mean of the ratios:  ", mean(ratios))
print("ratio of the sums:   ", sum(b_turn) / sum(a_turn))
print("median of the ratios:", median(ratios))

# %%
# A mean carries the accident home. The median does not notice it, until half of the
# rounds are accidents.
#
# By hand
# -------
# Warm up, take turns, shuffle the order so that nobody always comes second, and keep
# the rounds together:


def in_turns(calls, rounds=25):
    order, times = list(calls), {name: [] for name in calls}
    for call in calls.values():
        call()  # warm-up
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(reading(calls[name]))
    return times


calls = {"F.conv2d": lambda: F.conv2d(x, weight), "fft": by_fourier}
times = in_turns(calls)
ratios = [b / a for b, a in zip(times["fft"], times["F.conv2d"], strict=True)]
print(f"fft takes {median(ratios):.2f} times as long as F.conv2d")

# %%
# Turn one knob
# -------------
# How far can we trust the last digit? Compare a call with itself. The truth is 1, and
# what differs from 1 is the error of the method.

times = in_turns({"one": by_fourier, "the same": by_fourier})
same = [b / a for b, a in zip(times["the same"], times["one"], strict=True)]
low, high = sorted(same)[6], sorted(same)[-7]
print(f"median {median(same):.3f}, half of the rounds from {low:.3f} to {high:.3f}")
print(f"single rounds from {min(same):.2f} to {max(same):.2f}")

# %%
# A difference that is smaller than this spread is no difference. A single round would
# have told us a tale.
#
# In the library
# --------------
# ``benchmarks.compare`` does the same, and takes care of what we left out: it refuses
# candidates that return something else, repeats calls that are too short for the clock,
# holds the garbage collector and the number of threads still, and waits for a GPU.

seconds = profiles.current().pick(smoke=0.02, docs=0.4, full=0.4)
table = benchmarks.compare(calls, baseline="F.conv2d", seconds=seconds)
table

# %%
# Its ratio is what ours was: the median of the ratios in each round.

pairs = zip(table["fft"].times, table["F.conv2d"].times, strict=True)
assert table.ratio("fft") == median(ours / theirs for ours, theirs in pairs)

# %%
# And the first rule of all, which has nothing to do with clocks: results come first. A
# wrong one may be as fast as it likes.

with expect_error(ValueError):
    benchmarks.compare(
        {**calls, "flipped": lambda: F.conv2d(x, weight.flip(2, 3))},
        baseline="F.conv2d",
    )

# %%
# Who wins where
# --------------
# Now to the machines. The package has a suite that compares every convolution over a
# grid of sizes; we take a small part of it, one channel. All of this page runs on one
# thread: we compare machines, not how many cores they use.

sides, widths = profiles.current().pick(
    smoke=([16, 32], [3, 7]),
    docs=([32, 64, 128, 256], [3, 7, 15, 31]),
    full=([32, 64, 128, 256], [3, 7, 15, 31]),
)
settings = {"rank": None, "others": False, "without": ["loops", "auto"]}
grid = suite.grid(sides, widths, **settings, rounds=31, seconds=seconds / 3)


def draw(values, title, words=None):
    labels = {"row_label": "image", "column_label": "side of the kernel"}
    sizes = {"rows": sides, "columns": widths}
    return plotting.ratios(values, title=title, words=words, **sizes, **labels)


draw(
    [[cell.ratio(cell.fastest) for cell in row] for row in grid.cells],
    "The fastest convolution by size, and its time over that of F.conv2d",
    words=grid.fastest(),
)

# %%
# Where it says 1.0, PyTorch's own is the fastest. Deep blue is where it would be a
# mistake to call it. Between them runs a border; here is how sharp it is:

draw(
    grid.ratio("fft"),
    "Time of the Fourier convolution over that of F.conv2d: blue is faster",
)

# %%
# The rule, judged
# ----------------
# ``conv2d(method="auto")`` does not measure. It counts multiplications on both sides
# and takes the smaller bill: ``F.conv2d`` pays for each element of the window at each
# place, Fourier for each pixel times the logarithm of their number, and a fixed price
# to start.

predict(
    "A 3 x 3 kernel on a large image, and a 31 x 31 kernel: what does the rule choose?",
    " and ".join(
        convolution.choose_method(torch.empty(1, 1, 256, 256), torch.empty(1, 1, k, k))
        for k in (3, 31)
    ),
    because="9 multiplications a pixel are fewer than a transform takes; 961 are more.",
)

# %%
# We have measured both, so we can say what each choice costs: its time over that of the
# better of the two. White is right; red is the price of being wrong.

names = {"library": "F.conv2d", "fft": "fft"}
chosen, price = [], []
for side, row in zip(sides, grid.cells, strict=True):
    image = torch.empty(1, 1, side, side)
    rule = [convolution.choose_method(image, torch.empty(1, 1, k, k)) for k in widths]
    pairs = [(cell, names[choice]) for cell, choice in zip(row, rule, strict=True)]
    best = [min(names.values(), key=cell.ratio) for cell in row]
    price += [[c.ratio(n, to=b) for (c, n), b in zip(pairs, best, strict=True)]]
    chosen += [rule]

draw(
    price,
    "What the rule chooses, and its time over that of the better choice",
    words=chosen,
)

# %%
# The verdict of the run that built this page:

sizes = [(side, width) for side in sides for width in widths]
costs = zip((cost for row in price for cost in row), sizes, strict=True)
wrong = [(cost, *size) for cost, size in costs if cost > 1]
print(f"right in {len(sizes) - len(wrong)} of {len(sizes)} sizes")
for cost, side, width in sorted(wrong, reverse=True)[:3]:
    print(f"image {side}, kernel {width}: {cost:.2f} times as long as need be")
best = [max(1 / cell.ratio("fft"), cell.ratio("fft")) for cell in grid.comparisons]
print(f"always the wrong one of the two would cost up to {max(best):.0f} times")

# %%
# A rule that counts multiplications cannot know this machine's caches. Two things can
# be asked of it: that its errors lie along the border, where nobody is far ahead, and
# that they cost little beside the wrong choice elsewhere. The figure and the lines
# above answer, and it took a grid: one size alone would have called the rule perfect,
# or useless.
#
# And the rule chooses between two machines only. Where the first figure names a third,
# neither of its choices was the best.
#
# The other libraries take part too. A kernel that is the sum of two separable ones, as
# filters in image processing are:

candidates = suite.candidates(
    *profiles.current().pick(smoke=(32, 7), docs=(128, 31), full=(128, 31))
)
benchmarks.compare(candidates, baseline="F.conv2d", rounds=5, seconds=seconds)

# %%
# All suites, with targets that the package must meet, run by
#
# .. code-block:: sh
#
#    python -m cnn_tutorial bench --quick
#
# Takeaways
# ---------
# * One reading is an anecdote: first calls are slow, and the machine has other work.
# * Take turns, shuffled; form ratios within a round; report their median and spread.
# * Compare a call with itself: what differs from 1 is the error of the method.
# * Check that results agree before the clock starts.
# * No machine wins everywhere. Judge a rule over a grid, by what its errors cost.
#
# Check yourself
# --------------
# The backup is back. Write the eight readings down.

ask("reported_ratio")

# %%
# And when may we call a version faster?

ask("verdict_of_a_clock")

# %%
# Exercise
# --------
# Write the summary of a comparison: how many times as long as theirs do our calls take,
# given the times of each round?


def median_ratio(ours, theirs):
    """Return the median of our times over theirs, round by round."""
    raise NotImplementedError


check("median_ratio", median_ratio)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

torch.set_num_threads(threads)
plotting.show()
solution("median_ratio")

# %%
# References
# ----------
# 1. T. Mytkowicz, A. Diwan, M. Hauswirth, P. Sweeney. *Producing Wrong Data Without
#    Doing Anything Obviously Wrong!* ASPLOS 2009.
#    `Paper <https://doi.org/10.1145/1508244.1508275>`__
# 2. T. Hoefler, R. Belli. *Scientific Benchmarking of Parallel Computing Systems.*
#    SC 2015. Twelve ways to report performance.
#    `Paper <https://doi.org/10.1145/2807591.2807644>`__
