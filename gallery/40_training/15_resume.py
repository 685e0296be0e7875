"""
Stopped anywhere, and no number differs
=======================================

Power fails, time on a cluster ends, somebody presses Ctrl-C. A training should not
care: stopped and resumed, it should end at the same weights as one that ran through, to
the last bit. Saving the weights is not enough for that. On this page we find out what
else there is to save, one forgotten thing at a time.

You will

* name the five things that a checkpoint holds, and measure what each of them is worth;
* stop a training in the middle of an epoch, resume it, and find its curves identical;
* say where in the data a training stands after so many steps.

**Before this:** the training loop, and what a training curve measures.
"""

import math
import warnings
from copy import deepcopy
from tempfile import TemporaryDirectory

import torch
from torch import nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, digits = profiles.current(), datasets.for_role("digits")
info = digits.info
part = digits.train.subset(range(min(1280, len(digits.train))))
print(f"{len(part)} images of {info.title}, profile {profile.name}, on the processor")

# %%
# The question
# ------------
# One parameter on the slope of ``w**2 / 2``, four steps with momentum. Then the same
# again, but after two steps the program ends. A new one reads the parameter from the
# disk, makes a new optimiser, and takes the other two.


def steps(w, optimizer, count):
    values = []
    for _ in range(count):
        optimizer.zero_grad()
        (w**2 / 2).sum().backward()
        optimizer.step()
        values.append(w.item())
    return values


def start(value):
    w = torch.tensor([value], requires_grad=True)
    return w, torch.optim.SGD([w], lr=0.1, momentum=0.9)


through = steps(*start(1.0), 4)
before = steps(*start(1.0), 2)
after = steps(*start(before[-1]), 2)  # the parameter is all that was saved
predict(
    f"Run through, `w` ends at {through[-1]:.4f}. Where does the other one end?",
    f"{after[-1]:.4f}",
    because="Higher up: its momentum began at rest again. Parameters alone are not the "
    "state of a training.",
)

# %%
# The figure shows where the speed was lost.

plotting.lines(
    range(5),
    {"ran through": [1, *through], "only w was saved": [1, *before, *after]},
    title="One parameter, stopped after two steps: the new optimiser starts at rest",
    xlabel="step",
    ylabel="w",
)

# %%
# What there is to save
# ---------------------
# A network with dropout, batches in random order, Adam: everything that makes a run
# hard to repeat. All of it is made anew from a seed, as a program that starts again
# makes it.


def fresh(seed=0):
    training.seed_everything(seed)
    net = nn.Sequential(
        nn.Conv2d(info.channels, 6, 5, stride=2),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(96, info.num_classes),
    )
    batches = part.batches(64, shuffle=True, seed=seed)
    return net, torch.optim.AdamW(net.parameters(), lr=3e-3), batches


# %%
# We write down what each part can tell about itself. PyTorch's word for it is
# ``state_dict``, and our batches have one, too.


def snapshot(net, optimizer, batches):
    return deepcopy(
        {
            "model": net.state_dict(),  # parameters, and what batch norm remembers
            "optimizer": optimizer.state_dict(),  # Adam's two averages, and its count
            "order": batches.state_dict(),  # the generator that shuffles
            "random": torch.get_rng_state(),  # from which dropout draws
        }
    )


# %%
# To resume is the way back, with one part left out if we are told to.


def restore(state, net, optimizer, batches, *, forget=None):
    state = deepcopy(state)  # an optimiser works on the tensors that it is handed
    holders = {"model": net, "optimizer": optimizer, "order": batches}
    for name, holder in holders.items():
        if name != forget:
            holder.load_state_dict(state[name])
    if forget != "random":
        torch.set_rng_state(state["random"])


# %%
# One training runs through, and a snapshot is taken on the way. Each of the others
# resumes from it and forgets one thing.


def epochs(net, optimizer, batches, count):
    for _ in range(count):
        training.train_epoch(net, batches, optimizer=optimizer)


parts = fresh()
epochs(*parts, 2)
saved = snapshot(*parts)
epochs(*parts, 2)
goal = nn.utils.parameters_to_vector(parts[0].parameters()).detach()

apart = {}
for forget in ("model", "optimizer", "order", "random", None):
    parts = fresh(seed=1)
    restore(saved, *parts, forget=forget)
    epochs(*parts, 2)
    weights = nn.utils.parameters_to_vector(parts[0].parameters()).detach()
    apart[forget] = (weights - goal).abs().max().item()
predict(
    "All four parts restored. How far are the weights from those that ran through?",
    apart[None],
    because="Not about zero: zero. The same numbers were added in the same order.",
)

# %%
# And with one part forgotten? None of these raises, and each ends with a loss that
# looks all right.

plotting.bars(
    {f"without {name}": value for name, value in apart.items() if name},
    title="Largest difference of a weight when one part is not restored",
    xlabel="difference from the run that was not stopped",
)
assert apart[None] == 0
assert all(value > 0 for name, value in apart.items() if name)

# %%
# The fifth part is the *place*: which epoch, which step, and with a schedule, which
# learning rate. Forget it, and the run is longer than you think.
#
# In the library
# --------------
# ``fit`` takes snapshots of all of this, also within an epoch, where the batches can
# tell their position. We stop it with an error in the middle of epoch 3, as Ctrl-C
# would.


class PowerCut(training.Callback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, run):
        if run.step == self.step:
            raise InterruptedError(f"power cut after step {run.step}")


def run(checkpoints=None, *, cut=None, resume=False):
    net, optimizer, batches = fresh()
    validation = digits.validation.batches(256)
    recipe = {"optimizer": optimizer, "epochs": 5, "seed": 0}
    keep = {"checkpoints": checkpoints, "resume": resume, "callbacks": [PowerCut(cut)]}
    return net, training.fit(net, batches, validation, **recipe, **keep)


# %%
# Every second step is kept here. Real trainings keep one every few minutes.

folder = TemporaryDirectory()
checkpoints = training.Checkpoints(folder.name, every=2, keep=2)
middle = int(2.6 * len(part.batches(64)))
with expect_error(InterruptedError):
    run(checkpoints, cut=middle)
for file in checkpoints.list():
    score = "none" if math.isnan(file.score) else f"{file.score:.3f}"
    print(f"step {file.step}, {file.epoch} epochs finished, score {score}")

# %%
# The last two were written in the middle of an epoch and have no score: nobody has
# judged them. The best judged one stays besides. A new program would now call ``fit`` with
# ``resume=True``.

net, resumed = run(checkpoints, resume=True)
twin, through = run()
same = {
    name: resumed.curves[name] == through.curves[name]
    for name in ("train_loss", "train_accuracy", "validation_loss")
}
predict(
    "Are the curves of both runs equal, number by number?",
    ", ".join(f"{name}: {'yes' if equal else 'no'}" for name, equal in same.items()),
    because="Even the mean of the epoch that was cut: its sums are in the checkpoint.",
)

# %%
# Curves could agree by rounding. Weights that agree in every bit are the proof:

assert all(same.values())
assert_close(net.state_dict(), twin.state_dict(), rtol=0, atol=0)
print("weights and running statistics: equal in every bit")

# %%
# Where it breaks
# ---------------
# A ``DataLoader`` does not know its position. Then the epoch begins again, and ``fit``
# says so instead of pretending.

loader = DataLoader(TensorDataset(*next(iter(part.batches(64)))), 16)
with expect_error(RuntimeWarning), warnings.catch_warnings():
    warnings.simplefilter("error")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    other = training.Checkpoints(f"{folder.name}/other", every=2)
    training.fit(net, loader, optimizer=optimizer, epochs=1, checkpoints=other)

folder.cleanup()

# %%
# Takeaways
# ---------
# * The state of a training is the model, the optimiser with its schedule, the order of
#   the data, the random numbers, and the place.
# * A part that is forgotten raises nothing. Only a comparison bit by bit finds it.
# * The file itself must survive a crash as well: that is the next lesson.
#
# Check yourself
# --------------
# What goes on from one epoch to the next, and what begins anew anyway?

ask("missing_part")

# %%
# Exercise
# --------
# The fifth part, the place. After so many steps, how many epochs are finished, and how
# many batches of the next one are done?


def place_of(step, images, batch_size):
    """Return how many epochs are finished, and how many batches of the next one.

    An epoch takes all images; its last batch may be short.
    """
    raise NotImplementedError


check("place_of", place_of)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("place_of")

# %%
# References
# ----------
# 1. PyTorch. *Saving and loading models*: what a ``state_dict`` is, and why
#    ``weights_only``. `Notes
#    <https://pytorch.org/docs/stable/notes/serialization.html>`__
