"""
Faster, and still the same?
===========================

Some switches of the last two lessons change no number at all. Some change the last
digit, and some the third. Then training begins, thousands of steps, each built upon the
one before. What becomes of a difference in the last digit? And does anybody who uses
the network notice?

You will

* take a ``float32`` apart into bits, and make a ``bfloat16`` of it by hand;
* sort the switches by what they change: nothing, the last digit, or more;
* watch a tiny difference grow while two networks train, and see what stays the same.

**Before this:** the lessons on speed; places and digits of numbers in chapter 1.
"""

from copy import deepcopy

import torch
from torch.testing import assert_close

from cnn_tutorial import benchmarks, datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, device = profiles.current(), profiles.device()
digits = datasets.for_role("digits", size=32)
print(f"{digits.info.title} on {device}")

# %%
# The question
# ------------
# Which of these sums is right? Four ones, one after the other, added to 256.

total = torch.tensor(256.0, dtype=torch.bfloat16)
for _ in range(4):
    total = total + 1
predict(
    "256 + 1 + 1 + 1 + 1 in `bfloat16`?",
    total.item(),
    because="Between 256 and 258 there is no bfloat16. 257 lies halfway and is rounded "
    "back to 256, each time.",
)

# %%
# By hand
# -------
# A ``float32`` has 32 bits: one for the sign, 8 for the exponent, 23 for the fraction.
# A ``bfloat16`` is its upper half. The exponent is whole, so the range is the same; of
# the fraction 7 bits are left.


def bits(number):
    text = f"{torch.tensor(number).view(torch.int32).item() & 0xFFFFFFFF:032b}"
    return f"{text[0]} {text[1:9]} {text[9:16]} {text[16:]}"


for number in (1.0, 256.0, 257.0, 3.14159265):
    print(f"{number:12.6f}  {bits(number)}")

# %%
# The last column is what is cut off. Look at 257: a single bit, the one that says
# "half". We cannot cut it off blindly. Rounding goes to the nearest number, and from
# the middle to the one whose last bit is 0:


def short(x):
    whole = x.view(torch.int32)
    odd = (whole >> 16) & 1  # the last bit that stays
    return ((whole + 0x7FFF + odd) & ~0xFFFF).view(torch.float32)


x = torch.randn(10_007)
assert_close(short(x), x.bfloat16().float(), rtol=0, atol=0)
assert short(torch.tensor(257.0)) == 256
assert short(torch.tensor(259.0)) == 260

# %%
# Three kinds of numbers, side by side. ``eps`` is the step from 1 to the next number.

for kind in (torch.float32, torch.bfloat16, torch.float16):
    facts = torch.finfo(kind)
    numbers = f"eps {facts.eps:7.1e}, from {facts.tiny:7.1e} to {facts.max:7.1e}"
    print(f"{str(kind)[6:]:9} {numbers}")
weight = torch.tensor(1.0)
predict(
    "A weight is 1, its update 0.003. What is the new weight in `bfloat16`? "
    "And after a hundred such updates?",
    f"{(weight.bfloat16() + 0.003).item()}, and {weight.item()} again",
    because="The next number after 1 is 1.0078: 0.003 is less than half of the step, "
    "each time. That is why weights stay float32 under autocast.",
)

# %%
# ``float16`` has the other weakness: digits enough, but a small range. Gradients are
# small numbers.

gradient = torch.tensor(1e-8)
print("as float16:         ", gradient.half().item())
print("times 65536, and back", ((gradient * 65536).half().float() / 65536).item())
assert gradient.bfloat16() > 0

# %%
# That multiplication is all that a ``GradScaler`` does: scale the loss, and divide
# the gradients before the update. With ``bfloat16`` nobody needs it.
#
# The last digit
# --------------
# Even ``float32`` depends on something one would not expect: the order of a sum.

numbers = torch.tensor([1e8, 1.0, -1e8])
first, other = (numbers[0] + numbers[1]) + numbers[2], (numbers[0] + numbers[2]) + 1
predict(
    "100,000,000 + 1 - 100,000,000 in `float32`, and the same with the last two terms "
    "swapped?",
    f"{first:.0f} and {other:.0f}",
    because="Next to 1e8 the numbers are 8 apart: the 1 is lost. Added last, it stays.",
)

# %%
# A convolution is a sum. Other threads, another memory order, another kernel: another
# order. So we sort the switches. One step of one network, from the same weights, on the
# same images; how far are the new weights from those of the plain step?

training.seed_everything(0)
start = models.LeNet(digits.info.channels, digits.info.num_classes).to(device)
images, labels = next(iter(digits.train.batches(64, device=device)))


def flat(net):
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def weights_after(precision="float32", threads=1, x=images):
    net = deepcopy(start)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    with benchmarks.quiet(threads):  # puts the number of threads back
        training.train_epoch(net, [(x, labels)], optimizer=sgd, precision=precision)
    return flat(net)


# %%
# The plain step is the measure. Beside it: the same once more, the batch made from bytes
# in memory, a second thread, another memory order, and shorter numbers.

last = training.Precision(channels_last=True)
plain = weights_after()
pixels = digits.train.images[: len(images)]
from_bytes = digits.info.normalize(pixels.to(device))
ways = {
    "the same once more": weights_after(),
    "batch from memory": weights_after(x=from_bytes),
    "two threads": weights_after(threads=2),
    "channels_last": weights_after(last),
    "bfloat16": weights_after("bfloat16"),
}
step = (plain - flat(start)).norm()
for name, weights in ways.items():
    change = ((weights - plain).norm() / step).item()
    kind = "nothing" if change == 0 else "digits" if change < 1e-4 else "more"
    print(f"{name:20} changes the step by {change:7.1e} of its length: {kind}")

# %%
# On a processor the same program does the same twice, to the last bit:

if device.type == "cpu":
    assert torch.equal(ways["the same once more"], plain)

# %%
# On a GPU not even that is certain: some kernels add in whatever order their threads
# finish. ``torch.use_deterministic_algorithms(True)`` takes others, at a price in time,
# and where there is no other, it says so. Two numbers written to one place, for
# instance: who is last?

before = torch.are_deterministic_algorithms_enabled()
torch.use_deterministic_algorithms(mode=True)
with expect_error(RuntimeError):
    torch.zeros(3).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))
torch.use_deterministic_algorithms(mode=before)

# %%
# Two more switches belong into this list. ``torch.compile`` melts operations into one,
# and the last lesson printed what that changes: last digits. Augmentation of a whole
# batch changes the *images*: it draws other random numbers than one image at a time,
# from the same distribution. That is another seed, not another training.
#
# A difference grows
# ------------------
# Two networks, equal but for one weight, and that by the smallest step that a
# ``float32`` can take. We train both on the same batches and watch how far they are
# apart.

net, twin = deepcopy(start), deepcopy(start)
with torch.no_grad():
    first = twin.conv1.weight[0, 0, 0]
    first[0] = torch.nextafter(first[0], first[0] + 1)
    change = (flat(net) - flat(twin)).abs().max()
    print(f"a weight of {first[0]:.4f} was changed by {change:.0e}")

# %%
# The distance of the weights, step by step:

pair = net, twin
optimizers = [torch.optim.SGD(n.parameters(), lr=0.02, momentum=0.9) for n in pair]
batches = digits.train.batches(32, shuffle=True, seed=0, device=device)
count = profile.pick(smoke=10, docs=150, full=240)
losses, gaps = [], []
while len(gaps) < count:
    for batch in batches:
        both = zip(pair, optimizers, strict=True)
        seen = [training.train_epoch(n, [batch], optimizer=o) for n, o in both]
        losses.append([result.loss for result in seen])
        gaps.append((flat(net) - flat(twin)).norm().item())

plotting.lines(
    range(1, len(gaps) + 1),
    {"distance of the weights": torch.tensor(gaps).clamp(min=1e-12)},
    title="One weight differs in its last bit: how far two trainings drift apart",
    xlabel="step",
    ylabel="distance",
    log="y",
)

# %%
# The axis is logarithmic. Where the line climbs steadily, the distance is multiplied by
# about the same factor at each step: what happened in the last digit moves towards the
# digits in front of it. How far did it get, and what do the losses say?

one, other = torch.tensor(losses).T
print(f"distance: {gaps[0]:.0e} after the first step, {gaps[-1]:.0e} after the last")
print("the difference has", "grown" if gaps[-1] > 10 * gaps[0] else "not grown tenfold")
print(f"loss: from {one[0]:.3f} to {one[-1]:.3f};", end=" ")
print(f"the twins' losses differ by {(one - other).abs().max():.0e} at most")

# %%
# Compare the last two numbers. Whoever looks at losses does not see that the weights
# are others. What we want from a switch is therefore not the same weights. It is the
# same *quality*, within what another seed would change.
#
# The same quality?
# -----------------
# So we compare as one compares anything that is random: three seeds with ``float32``,
# the same three with ``bfloat16``, judged on validation digits, and by the same numbers
# at the end.

validation = digits.validation.batches(256, device=device)
epochs = profile.pick(smoke=1, docs=3, full=6)
scores = {"float32": [], "bfloat16": []}
for seed in profile.pick(smoke=[0, 1], docs=[0, 1, 2], full=[0, 1, 2]):
    for precision, found in scores.items():
        training.seed_everything(seed)
        net = models.LeNet(digits.info.channels, digits.info.num_classes).to(device)
        batches = digits.train.batches(32, shuffle=True, seed=seed, device=device)
        adam = torch.optim.AdamW(net.parameters(), lr=3e-3)
        training.fit(net, batches, optimizer=adam, epochs=epochs, precision=precision)
        found.append(100 * training.evaluate(net, validation).accuracy)

plotting.bars(
    scores,
    title="Accuracy on validation digits: a ring for each seed",
    xlabel="accuracy, %",
)

# %%
# The verdict, from the numbers of this run. We look at the mean of the differences,
# seed by seed, and hold it against how far the seeds of ``float32`` are apart.

exact, rough = map(torch.tensor, scores.values())
difference = (rough - exact).mean().item()
spread = (exact.max() - exact.min()).item()
print(f"bfloat16 less float32: {difference:+.2f} points; seeds differ by {spread:.2f}")
within = abs(difference) <= max(spread, 100 / len(digits.validation))
print("within" if within else "beyond", "what another seed, or one digit, changes")

# %%
# Three seeds can find a large loss of quality. They cannot show that there is none: a
# difference below their spread stays unseen. What they can do is to tell us whether
# ``bfloat16`` is our largest worry.
#
# Takeaways
# ---------
# * ``bfloat16`` is the upper half of a ``float32``: the same range, fewer digits.
#   ``float16`` has more digits and a range that gradients leave.
# * Batches from memory change nothing. Threads and ``channels_last`` may change the
#   order of sums, and with it last digits; ``bfloat16`` changes more. The table says
#   what they did here.
# * Training can multiply any difference. Who wants equal weights keeps everything
#   equal: machine, versions, threads, order.
# * What counts is quality within the spread of the seeds, and that is measured.
#
# Check yourself
# --------------
# Add and round, step by step.

ask("sum_in_bfloat16")

# %%
# And what becomes of a single number?

ask("fate_of_a_number")

# %%
# Exercise
# --------
# Round to ``bfloat16`` on your own: by bits, as above, or in another way.


def as_bfloat16(x):
    """Return x, float32, with each number replaced by the nearest bfloat16."""
    raise NotImplementedError


check("as_bfloat16", as_bfloat16)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("as_bfloat16")

# %%
# References
# ----------
# 1. D. Goldberg. *What Every Computer Scientist Should Know About Floating-Point
#    Arithmetic.* ACM Computing Surveys 23(1), 1991.
#    `Paper <https://doi.org/10.1145/103162.103163>`__
# 2. P. Micikevicius and others. *Mixed Precision Training.* ICLR 2018. Loss scaling.
#    `arXiv:1710.03740 <https://arxiv.org/abs/1710.03740>`__
# 3. D. Kalamkar and others. *A Study of BFLOAT16 for Deep Learning Training.* 2019.
#    `arXiv:1905.12322 <https://arxiv.org/abs/1905.12322>`__
# 4. C. Summers, M. Dinneen. *Nondeterminism and Instability in Neural Network
#    Optimization.* ICML 2021. One bit is enough. `arXiv:2103.04514
#    <https://arxiv.org/abs/2103.04514>`__
# 5. PyTorch. *Reproducibility.* `Notes
#    <https://docs.pytorch.org/docs/stable/notes/randomness.html>`__
