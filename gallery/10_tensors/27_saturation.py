"""
Where a sure mistake teaches nothing
====================================

The formula of logistic regression is right, its gradient is right, and a computer
evaluates both to ``nan``. One confident mistake is enough, and from then on every weight
of the model is lost. The way there takes three steps, each of them reasonable. We walk
them one at a time, and then around them.

You will

* predict at which score ``float32`` can no longer tell a probability from 1;
* follow an infinity through the graph until it becomes a NaN;
* write the loss so that it cannot happen, and see why losses want *logits*.

**Before this:** the lesson on autograd, with its gradient y - y_true.
"""

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

# %%
# The question
# ------------
# A score ``z`` becomes ``y = sigmoid(z)``. Never quite 1, says the formula, because
# :math:`1 - y = 1 / (1 + e^{z})` is never 0. And the computer?

for score in (5.0, 10.0, 15.0, 20.0):
    y = torch.sigmoid(torch.tensor(score))
    print(f"z = {score:4}  y = {y.item():.10f}  1 - y = {(1 - y).item():.3e}")

# %%
# The last line is exactly 1, and 1 - y is exactly 0. Numbers of ``float32`` have gaps:
# above 1 they are :math:`2^{-23}` apart, about 0.0000001. The computer forms
# :math:`1 + e^{-z}`, and what is at most half a gap is rounded away.

one = torch.tensor(1.0)
assert torch.nextafter(one, 2 * one) - 1 == 2**-23
scores = torch.arange(0.0, 40.0, 0.01)
first = scores[torch.sigmoid(scores) == 1][0]
predict(
    "Up to about which score can `sigmoid(z)` be told from 1? "
    "Solve `exp(-z) = 2 ** -24`.",
    f"about {24 * torch.log(2 * one).item():.1f}; "
    f"here it is 1 from {first.item():.2f} on",
    because="z = 24 ln 2. Beyond that, 1 + exp(-z) is 1.",
)

# %%
# 17 is no absurd score. A network gives such numbers when it is sure.
#
# One sure mistake, step by step
# ------------------------------
# The truth is 0 and the score is 20: as wrong as one can be. The loss is
# :math:`-\log(1 - y)`. We keep the gradients on the way, to watch them.

z = torch.tensor(20.0, requires_grad=True)
y = torch.sigmoid(z)
y.retain_grad()
loss = -torch.log(1 - y)
loss.backward()
print("y", y.item(), "| 1 - y", (1 - y).item(), "| loss", loss.item())
print("dloss/dy", y.grad.item(), "| dloss/dz", z.grad.item())

plotting.graph(
    loss,
    names={"z": z, "y": y},
    backward=True,
    title="Up it goes: infinite at Log, times 0 at Sigmoid, NaN at z",
)

# %%
# Step one: y is rounded to 1. Step two: the logarithm of 0 is minus infinity, so that the
# loss is infinite, and its derivative 1 / (1 - y) too. Step three is the chain rule. It
# multiplies by dy/dz = y (1 - y), which is 0.

assert torch.isinf(y.grad)
assert y * (1 - y) == 0
predict(
    "Infinity times zero: what is it?",
    (y.grad * 0.0).item(),
    because="`nan`, not a number: the product could be anything, so nobody guesses.",
)

# %%
# On paper the infinity and the zero cancel, and y - y_true = 1 remains. The computer
# multiplies numbers, not formulas. What should have been the strongest lesson of all is
# no lesson.
#
# One is enough
# -------------
# It does not stay with that point. The gradient of a weight is a sum over points, and a sum
# with a NaN in it is NaN. A hundred points, one of them far out:

generator = torch.Generator().manual_seed(0)
x = torch.randn(100, 3, generator=generator)
y_true = (x[:, 0] > 0).float()
x[0, 0], y_true[0] = 60.0, 0.0  # far out, on the wrong side
w = torch.tensor([1.0, 0.0, 0.0], requires_grad=True)


def naive(z, y_true):
    y = torch.sigmoid(z)
    return -(y_true * torch.log(y) + (1 - y_true) * torch.log(1 - y))


losses = naive(x @ w, y_true)
losses.sum().backward()
print("points with a finite loss:", int(losses.isfinite().sum()), "of 100")
print("gradient:", w.grad.tolist())
print("after a step:", (w - 0.1 * w.grad).tolist())
assert w.grad.isnan().all()

# %%
# From here on all predictions are NaN. In training one sees a loss that says ``nan`` and
# stays there. It helps to know that the cause lies one step earlier.
#
# Two remedies that are none
# --------------------------
# Better numbers? ``float64`` has smaller gaps, so that the trouble begins later.

scores = torch.arange(0.0, 60.0, 0.01, dtype=torch.float64)
first = scores[torch.sigmoid(scores) == 1][0]
print(f"in float64 y is 1 from {first.item():.2f} on")

# %%
# Clipping? ``F.binary_cross_entropy`` does it: it replaces logarithms below -100. The loss
# is finite then. Look at the gradient.

z = torch.tensor(20.0, requires_grad=True)
loss = F.binary_cross_entropy(torch.sigmoid(z), torch.tensor(0.0))
loss.backward()
print("loss", loss.item(), "| dloss/dz", z.grad.item())
assert z.grad == 0

# %%
# No NaN, and no lesson either: the gradient is 0, and the worst mistake of all is left
# alone. What was lost in step one, no later step can bring back.
#
# The remedy
# ----------
# So we do not go through y. Write the loss as a function of z, on paper, before anything
# is rounded. For the truth 0:
#
# .. math::
#    -\log(1 - y) = \log(1 + e^{z})
#
# For large z that is z itself, a number without any drama. But :math:`e^{z}` overflows
# at about 89, so we pull the larger part out:
#
# .. math::
#    \log(1 + e^{z}) = \max(z, 0) + \log(1 + e^{-|z|})
#
# The exponential is at most 1 now, whatever z is. For the truth 1 subtract z, since
# :math:`\log y = z - \log(1 + e^z)`. Both together:
#
# .. math::
#    \mathcal{L} = \max(z, 0) - z\, y_{true} + \log(1 + e^{-|z|})


def by_score(z, y_true):
    return z.clamp(min=0) - z * y_true + torch.log1p(torch.exp(-z.abs()))


z = torch.tensor(20.0, requires_grad=True)
by_score(z, torch.tensor(0.0)).backward()
print("loss", by_score(z, torch.tensor(0.0)).item(), "| dloss/dz", z.grad.item())

# %%
# A loss of 20 and a gradient of 1, as on paper. (``log1p(a)`` is :math:`\log(1 + a)`
# without rounding 1 + a first, for the same reason.)
#
# The trap in the remedy
# ----------------------
# Are we done? The gradient must be the sigmoid, minus the truth, at *every* score. Compare
# at three of them.

z = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
(by_autograd,) = torch.autograd.grad(by_score(z, torch.zeros(3)).sum(), z)
print("on paper:   ", torch.sigmoid(z.detach()))
print("by autograd:", by_autograd)
assert not torch.isclose(by_autograd[1], torch.tensor(0.5))

# %%
# At 0 it is wrong. The maximum and the absolute value each have a kink there. On paper
# the kinks cancel; autograd differentiates one box at a time and picks a slope for each.
# And 0 is no rare score: a model whose weights start at 0 gives nothing else. So the
# formula must be *one* box with a derivative of its own. ``torch.logaddexp(a, b)`` is
# :math:`\log(e^a + e^b)`, made for this, and 0 stands for the 1, as :math:`e^0`.


def by_logit(z, y_true):
    return torch.logaddexp(z, torch.zeros_like(z)) - z * y_true


(by_autograd,) = torch.autograd.grad(by_logit(z, torch.zeros(3)).sum(), z)
assert_close(by_autograd, torch.sigmoid(z))

# %%
# In the library
# --------------
# PyTorch has it under a name that says what to hand over. *Logits* are the scores, before
# any sigmoid.

z = torch.linspace(-200, 200, 401)
for truth in (0.0, 1.0):
    y_true = torch.full_like(z, truth)
    library = F.binary_cross_entropy_with_logits(z, y_true, reduction="none")
    assert_close(by_logit(z, y_true), library)

# %%
# Turn the knob: how strongly does a point pull whose truth is 0, from sure and right on
# the left to sure and wrong on the right?


def slope(loss, z):
    z = z.clone().requires_grad_()
    loss(z, torch.zeros_like(z)).sum().backward()
    return z.grad


def clipped(z, y_true):
    return F.binary_cross_entropy(torch.sigmoid(z), y_true, reduction="none")


z = torch.linspace(-10, 30, 161)
plotting.lines(
    z,
    {"by logits": slope(by_logit, z), "clipped": slope(clipped, z)},
    title="The worse the mistake, the stronger it pulls; clipped, it lets go",
    xlabel="score z of a point whose truth is 0",
    ylabel="gradient of the loss by z",
)

# %%
# The curve by logits is the sigmoid, y - 0, over its whole length. And the losses? The
# two others stop being true at the same score.

losses = {
    "by logits": by_logit(z, torch.zeros_like(z)),
    "clipped": clipped(z, torch.zeros_like(z)),
    "naive": naive(z, torch.zeros_like(z)),
}
losses["naive"][losses["naive"].isinf()] = float("nan")  # a gap in the line
plotting.lines(
    z,
    losses,
    title="The loss of a mistake grows like its score; clipped jumps, naive breaks off",
    xlabel="score z of a point whose truth is 0",
    ylabel="loss",
)

# %%
# The other end
# -------------
# Is the left as bad as the right? Numbers near 0 are much denser than near 1.

predict(
    "`sigmoid(20)` is 1. Is `sigmoid(-20)` 0?",
    f"no: {torch.sigmoid(torch.tensor(-20.0)).item():.3e}",
    because="Close to 0 a float has room: it keeps seven digits down to 1e-38. So "
    "`log(y)` fails much later than `log(1 - y)`.",
)

# %%
# Where does it become 0?

low = -torch.arange(0.0, 120.0, 0.5)
print("sigmoid is 0 from", low[torch.sigmoid(low) == 0][0].item(), "on")

# %%
# Many classes
# ------------
# With ten classes the sigmoid becomes a softmax, and the story repeats itself: softmax,
# then ``log``, breaks where ``log_softmax`` does not. ``F.cross_entropy`` contains the
# latter and wants logits, too.

logits = torch.tensor([0.0, 200.0])
print("log of softmax:", torch.log(torch.softmax(logits, 0)).tolist())
print("log_softmax:   ", torch.log_softmax(logits, 0).tolist())
assert F.cross_entropy(logits, torch.tensor(0)) == 200

# %%
# Where it breaks
# ---------------
# The stable losses have a trap of their own. Who hands them probabilities squeezes twice.
# Nothing is raised: a probability is a fine score.

z, y_true = torch.tensor([6.0, -6.0]), torch.tensor([1.0, 0.0])  # sure and right
once = F.binary_cross_entropy_with_logits(z, y_true)
twice = F.binary_cross_entropy_with_logits(torch.sigmoid(z), y_true)
print(f"logits: {once.item():.4f}   probabilities: {twice.item():.4f}")

# %%
# Sigmoids lie between 0 and 1, and as scores they mean "hardly sure" at best. The loss
# cannot get near 0, training crawls, and no message says why. A network that is trained
# with such a loss ends in a linear layer, without a sigmoid.
#
# Takeaways
# ---------
# * In ``float32`` the sigmoid is exactly 1 from a score of about 17 on.
# * log(1 - y) is then minus infinity, its derivative infinite, the sigmoid's is 0, and
#   their product is NaN. One such point spoils every weight.
# * Clipping removes the NaN and the lesson with it: the gradient is 0.
# * Written as a function of the logit, in one box, the loss is finite and its gradient
#   y - y_true, everywhere. Kinks that cancel on paper do not cancel in autograd.
# * Hand logits to losses that want logits. Squeezing twice raises nothing.
#
# Check yourself
# --------------
# On paper it is y - y_true. What does the computer say?

ask("lost_gradient")

# %%
# Exercise
# --------
# Write the loss from logits, for each point. The check looks at its gradient, too.


def stable_bce(logits, y_true):
    """Return the binary cross-entropy of each point from its logit."""
    raise NotImplementedError


check("stable_bce", stable_bce)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("stable_bce")

# %%
# References
# ----------
# 1. P. Blanchard, D. J. Higham, N. J. Higham. *Accurately computing the log-sum-exp and
#    softmax functions.* IMA Journal of Numerical Analysis 41, 2021.
#    `doi:10.1093/imanum/draa038 <https://doi.org/10.1093/imanum/draa038>`__
# 2. D. Goldberg. *What every computer scientist should know about floating-point
#    arithmetic.* ACM Computing Surveys 23, 1991.
#    `doi:10.1145/103162.103163 <https://doi.org/10.1145/103162.103163>`__
# 3. PyTorch. *BCEWithLogitsLoss.*
#    `Documentation <https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html>`__
