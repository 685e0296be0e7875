"""
LeNet learns to read
====================

The network of the last lesson answers at random. Some hundred steps later it reads
handwriting that it has never seen. This page takes the steps in front of you, looks at
the held-out digits once at the end, and then at the mistakes, which say more than the
score.

You will

* write the loop that trains a network, and the function that judges it;
* train from several seeds, because one run is an anecdote;
* look at what the layers see, and at a picture that is no digit at all.

**Before this:** LeNet, layer by layer.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile, device = profiles.current(), profiles.device()
digits = datasets.for_role("digits", size=32)
info = digits.info
print(f"{info.title} on {device}: {info.splits}")

# %%
# Three heaps
# -----------
# The *training* digits teach. The *validation* digits help us choose, for instance when
# to stop. The *test* digits are looked at once, at the end, and nothing is chosen by
# them; otherwise their score would be a choice and not a measurement.

train = digits.train.batches(32, shuffle=True, seed=0, device=device)
validation = digits.validation.batches(256, device=device)
test = digits.test.batches(256, device=device)

# %%
# Where do we start? Guess before you open it.

training.seed_everything(0)
net = models.LeNet(info.channels, info.num_classes).to(device)
before = training.evaluate(net, validation)
predict(
    "Ten classes, a network that knows nothing. Which accuracy, and which loss?",
    f"accuracy {before.accuracy:.0%}, loss {before.loss:.2f}",
    because="About one in ten by luck, and ln 10 = 2.30.",
)

# %%
# By hand
# -------
# One pass through the training digits is an *epoch*. For each batch: scores, loss,
# gradients, step. Gradients add up in ``.grad`` until somebody clears them, so that
# clearing is part of the loop.


def train_epoch(net, batches, optimizer):
    net.train()
    total, count = 0.0, 0
    for images, labels in batches:
        loss = F.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total / count


optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
print(f"mean loss over the first epoch: {train_epoch(net, train, optimizer):.3f}")

# %%
# Why ``loss.item() * len(labels)``? The last batch is shorter than the others. A mean
# of batch means would give its digits more weight than the rest.
#
# Judging needs no gradients and must not change the network: ``eval`` mode, no graph,
# and a sum over *all* digits before anything is divided.


@torch.no_grad()
def accuracy(net, batches):
    net.eval()
    right = sum(
        (net(images).argmax(1) == labels).sum().item() for images, labels in batches
    )
    return right / sum(len(labels) for _, labels in batches)


print(f"accuracy on validation digits: {accuracy(net, validation):.1%}")
assert_close(accuracy(net, validation), training.evaluate(net, validation).accuracy)

# %%
# Train
# -----
# ``training.fit`` is these two functions in turn, with a record of both. The learning
# rate rises and falls once over the run. The crop moves each digit by up to two pixels,
# anew every time. *Label smoothing* asks for a little less than certainty: the loss
# wants 91 % for the true class and 1 % for each other. All of it was chosen on
# validation digits, and so was the number of epochs.
#
# We start from three seeds: other first weights, other order of the digits.

epochs = profile.pick(smoke=1, docs=20, full=8)
smooth = partial(F.cross_entropy, label_smoothing=0.1)
records, nets = [], []
for seed in profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2]):
    training.seed_everything(seed)
    net = models.LeNet(info.channels, info.num_classes).to(device)
    loading = {"seed": seed, "device": device, "augment": [datasets.RandomCrop(2)]}
    batches = digits.train.batches(64, shuffle=True, **loading)
    optimizer = torch.optim.AdamW(net.parameters())
    steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, steps)
    recipe = {"optimizer": optimizer, "scheduler": schedule, "epochs": epochs}
    records.append(training.fit(net, batches, validation, loss=smooth, **recipe))
    nets.append(net)

plotting.curves(
    records,
    title="Loss on training and validation digits, three seeds: mean and spread",
)

# %%
# Did you expect the validation digits to start out *better* than those that teach? The
# training loss of an epoch is an average over the whole of it, and the network was
# worse when the epoch began; and it was measured on digits that had been moved.
# Validation judges the network that the epoch ends with, on digits as they are.
#
# And why does the loss not go to zero? Because zero was not asked for:

target = torch.full((info.num_classes,), 0.1 / info.num_classes)
target[0] += 0.9
predict(
    "Label smoothing of 0.1, ten classes: what is the smallest loss that a network can "
    "reach, about?",
    f"{-(target * target.log()).sum():.2f}",
    because="It is reached where the shares equal the target, and a target that is not "
    "certain has an entropy. Compare losses only where they ask for the same.",
)

# %%
# The test, once
# --------------
# No number on this page was chosen by the test digits. Now we look.

scores = [training.evaluate(net, test) for net in nets]
for record, score in zip(records, scores, strict=True):
    print(
        f"{score.accuracy:.2%} of {score.count} digits, trained {record.seconds:.1f} s"
    )
mean = sum(score.accuracy for score in scores) / len(scores)
print(f"mean of {len(scores)}: {mean:.2%}")
if len(digits.train) > 1000:  # fewer are for trying the page out
    assert mean > 0.975

# %%
# How far the seeds lie apart tells what a single score is worth.

wrong = [round(score.count * (1 - score.accuracy)) for score in scores]
predict(
    "By how much does the score change when the network reads one more digit? And "
    "how many did each of the networks misread?",
    f"by {1 / scores[0].count:.2%}; {', '.join(map(str, wrong))} misread",
    because=f"One of {scores[0].count}. Between recipes that differ by a digit or two "
    "nothing can be said.",
)

# %%
# What it got wrong
# -----------------
# Let the first network read, and sort the digits by how sure it was of the true class.

net = nets[0]
logits, labels = training.predict(net, test)
shares = logits.softmax(dim=1)
hardest = shares[torch.arange(len(labels)), labels].argsort()[:10].cpu()
plotting.images(
    digits.test.images[hardest],
    labels=digits.test.labels[hardest],
    predictions=shares.argmax(1).cpu()[hardest],
    classes=info.classes,
    columns=5,
    title="The ten held-out digits that LeNet found hardest",
)

# %%
# Would you have read them all?
#
# What it sees
# ------------
# One digit on its way through, recorded before the ReLU: red is positive and passes,
# blue is negative and will be cut to zero. After the first layer it is still a digit.

with ActivationRecorder(net, ["conv1", "conv2"]) as recorder, torch.no_grad():
    net(digits.test.normalized()[:1].to(device))

plotting.feature_maps(
    recorder.activations["conv1"][0],
    columns=3,
    title="Six maps after conv1: the digit, six times, lit from different sides",
)

# %%
# After the second layer it takes some goodwill to see it. Each map answers to a
# combination of the six below it, in a window that covers a good part of the digit.

plotting.feature_maps(
    recorder.activations["conv2"][0],
    title="Sixteen maps after conv2: smaller, and further from the picture",
)

# %%
# Here are the six kernels that made the first maps, red where they add and blue where
# they subtract. Several have their reds on one side and their blues on the other: they
# answer to edges. Nobody drew them.

plotting.kernels(net.conv1.weight, title="The six kernels of conv1 after training")

# %%
# Where it breaks
# ---------------
# Show the network noise. It has ten answers, and none of them is "this is no digit".
# Then make the noise stronger.

torch.manual_seed(0)
noise = torch.randn(512, *info.input_size, device=device)
for strength in (1, 4, 16, 64):
    with torch.no_grad():
        sure = net(strength * noise).softmax(dim=1).max(dim=1).values
    above = (sure > 0.9).float().mean()
    print(
        f"noise x {strength:2}: largest share {sure.mean():.2f}, over 0.9: {above:.0%}"
    )

# %%
# The noise means no more when it is stronger. But in a network of ReLUs the scores grow
# with the input, and softmax turns larger scores into surer shares (source 3 proves
# it). On real digits one can compare shares with how often they are right (source 2);
# they never measure "is this a digit at all".
#
# Keep it
# -------
# What was learned is in the ``state_dict``: a dictionary of tensors. Save that, not the
# object, and a new network of the same class takes it over.

from pathlib import Path
from tempfile import TemporaryDirectory

with TemporaryDirectory() as folder:
    path = Path(folder, "lenet.pt")
    torch.save(net.state_dict(), path)
    copy = models.LeNet(info.channels, info.num_classes).to(device)
    copy.load_state_dict(torch.load(path, weights_only=True))
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")
assert_close(training.predict(copy, test)[0], logits)

# %%
# Takeaways
# ---------
# * A training step is: scores, loss, clear, gradients, step. Everything else is
#   bookkeeping.
# * Averages are over samples, not over batches; judging is without gradients, in
#   ``eval`` mode.
# * Choose by validation; look at the test once; say from how many seeds, and how far
#   apart they were.
# * A network that reads well still answers nonsense to nonsense: shares say which
#   class, not whether any.
#
# Check yourself
# --------------
# The loss first. What does it ask for?

ask("share_asked_for")

# %%
# And the schedule, which has to know when the run ends:

ask("steps_of_a_run")

# %%
# Exercise
# --------
# The mean of batch means is wrong when the last batch is short. Do it right.


def mean_loss(losses, sizes):
    """Return the mean loss per sample from the mean loss and size of every batch."""
    raise NotImplementedError


check("mean_loss", mean_loss)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("mean_loss")

# %%
# References
# ----------
# 1. Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-Based Learning Applied to
#    Document Recognition.* Proceedings of the IEEE 86(11), 1998.
# 2. C. Guo, G. Pleiss, Y. Sun, K. Weinberger. *On Calibration of Modern Neural
#    Networks.* ICML 2017. `arXiv:1706.04599 <https://arxiv.org/abs/1706.04599>`__
# 3. M. Hein, M. Andriushchenko, J. Bitterwolf. *Why ReLU Networks Yield High-Confidence
#    Predictions Far Away From the Training Data.* CVPR 2019. `arXiv:1812.05720
#    <https://arxiv.org/abs/1812.05720>`__
