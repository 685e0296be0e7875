"""
Who waits for whom?
===================

A training step needs a batch. If the batch is not ready, the network waits; if the
network is busy, the batch waits. The dearest chip in the house can spend its day
waiting for a disk, and no error says so. On this page we measure both sides, let
somebody prepare the next batch while the network computes, and see what such helpers
cost.

You will

* predict the time of an epoch from two numbers, and measure it;
* write a prefetcher, and then use a ``DataLoader`` with workers;
* catch helpers that all throw the same dice, and find out what pinned memory is for.

**Before this:** the lessons on loading images and on augmentation.
"""

from multiprocessing import get_start_method
from queue import Queue
from threading import Thread
from time import perf_counter, sleep

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close
from torchvision.transforms import v2

from cnn_tutorial import datasets, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, data = profiles.current(), datasets.for_role("grey")
count = profile.pick(smoke=128, docs=960, full=1920)
source = data.train.sample(min(count, len(data.train)))
batch_size = profile.pick(smoke=32, docs=64, full=64)

# %%
# Two numbers
# -----------
# A disk is not equally slow each time, so we play one: it waits half a millisecond for
# each image, and uses no processor meanwhile. On the other side stands a small network.


def slow_disk(image):
    sleep(0.0005)
    return image


net = nn.Sequential(
    *(nn.Conv2d(data.info.channels, 16, 3), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Conv2d(16, 32, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1)),
    *(nn.Flatten(), nn.Linear(32, data.info.num_classes)),
)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)


def step(images, labels):
    loss = F.cross_entropy(net(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def seconds(batches, work=lambda images, labels: None):
    start = perf_counter()
    for images, labels in batches:
        work(images, labels)
    return perf_counter() - start


# %%
# How long does each side take alone: to prepare a batch from the slow disk, and to
# compute with one that is ready?

loader = source.loader(batch_size, transform=slow_disk)
ready = list(source.batches(batch_size))
seconds(ready, step)  # the first call also sets things up
prepare = seconds(loader) / len(loader)
compute = seconds(ready, step) / len(loader)
print(f"a batch: {1e3 * prepare:.0f} ms to prepare, {1e3 * compute:.0f} ms to compute")

# %%
# Now both together, one after the other.

together = seconds(loader, step)
predict(
    "The loop asks for a batch, computes, asks for the next. How long does it take for "
    f"{len(loader)} batches?",
    f"about {len(loader) * (prepare + compute):.2f} s; measured {together:.2f} s",
    because="The sum: while one side works, the other waits.",
)

# %%
# By hand: one batch ahead
# ------------------------
# While the network computes, somebody else can fetch the next batch. A *thread* fills a
# queue; the loop empties it. The queue is short, so that the thread cannot run away and
# fill the memory.


def ahead(batches, depth=2):
    queue = Queue(maxsize=depth)

    def fill():
        for batch in batches:
            queue.put(batch)
        queue.put(None)  # no more

    Thread(target=fill, daemon=True).start()
    while (batch := queue.get()) is not None:
        yield batch


for ours, theirs in zip(ahead(loader), loader, strict=True):
    assert_close(ours, theirs)
one_helper = seconds(ahead(loader), step)
print(f"one after the other {together:.2f} s, one batch ahead {one_helper:.2f} s")

# %%
# The same batches, earlier. Who is busy when? Let us plan it on paper, with rounded
# numbers: 30 ms to prepare a batch, 12 ms to compute with it, and one worker or more.


def plan(count, prepare, compute, workers):
    lanes = {f"worker {k}": [] for k in range(workers)} | {"network": []}
    done = 0
    for i in range(count):
        start = i // workers * prepare  # after the worker's last one
        lanes[f"worker {i % workers}"].append((start, start + prepare, i))
        begin = max(done, start + prepare)  # when both are ready
        done = begin + compute
        lanes["network"].append((begin, done, i))
    return lanes


# %%
# Before the picture for two workers: when is the sixth batch done?

two = plan(6, 30, 12, workers=2)
predict(
    "30 ms to prepare, 12 ms to compute. With one worker, six batches took "
    f"{plan(6, 30, 12, 1)['network'][-1][1]} ms. How long with two?",
    f"{two['network'][-1][1]} ms",
    because="The last two batches are ready after 3 * 30 ms, and both are still to be "
    "computed. The first could not come earlier than before.",
)

# %%
# Look for the gaps of the network, and for where each number's box begins in both rows:

plotting.schedule(
    two,
    title="Two workers: batches come in pairs, and the network still waits for them",
    xlabel="milliseconds",
    roles={"network": "output", "worker 0": "kernel", "worker 1": "kernel"},
)

# %%
# Workers of a ``DataLoader``
# ---------------------------
# PyTorch's helpers are *processes*, since threads of one Python program take turns at
# anything that is not waiting. Processes have to be started, and each has its own copy
# of the data set. (Where processes are not forked, as on Windows, each imports this
# script anew; then this page goes without.)

counts = (0, 1, 2) if get_start_method() == "fork" else (0,)
for workers in counts:
    loader = source.loader(batch_size, transform=slow_disk, workers=workers)
    first, later = seconds(loader, step), seconds(loader, step)
    print(f"workers={workers}: first epoch {first:.2f} s, second {later:.2f} s")

# %%
# What is longer in the first epoch is the start. Our loaders keep their workers for the
# next one; PyTorch's do that with ``persistent_workers=True``.
#
# Nothing to wait for
# -------------------
# Our images are not on a slow disk; they are in memory, and all that is left to do is a
# crop and a flip. Do workers help there? And what does a batch cost that is cut as a
# whole?

crop = v2.RandomCrop(data.info.size, padding=4)
transform = v2.Compose([crop, v2.RandomHorizontalFlip()])
changes = [datasets.RandomCrop(4), datasets.RandomFlip()]
ways = {"whole batches": source.batches(batch_size, augment=changes)}
for workers in counts:
    loader = source.loader(batch_size, transform=transform, workers=workers)
    ways[f"workers={workers}"] = loader
speed = {}
for name, batches in ways.items():
    seconds(batches)  # the start of the workers
    speed[name] = len(source) / min(seconds(batches) for _ in range(3)) / 1000

plotting.bars(
    speed,
    title="Crop and flip: whole batches against one image at a time",
    xlabel="thousand images per second",
)

# %%
# The same distribution of images (the lesson on augmentation), at another price: the
# cost of one image at a time is mostly Python's. Processes also need a core each, which
# on a small machine is taken from the network.

fastest = max(speed, key=speed.get)
times = speed[fastest] / speed["workers=0"]
print(f"fastest: {fastest}, {times:.0f} times as fast as one by one without workers")

# %%
# Where it breaks: dice
# ---------------------
# This transform throws its own dice. Each worker has a *copy* of them.


class Dice:
    def __init__(self):
        self.generator = torch.Generator().manual_seed(0)

    def __call__(self, image):
        return torch.rand((), generator=self.generator).expand(image.shape)


def thrown(transform, workers):
    loader = source.loader(batch_size, transform=transform, workers=workers)
    return torch.cat([images[:, 0, 0, 0] for images, _ in loader])


different = {workers: len(thrown(Dice(), workers).unique()) for workers in counts}
predict(
    f"{len(source)} images, one throw each. How many different numbers are there, with "
    f"{' or '.join(map(str, counts))} workers?",
    ", ".join(map(str, different.values())),
    because="Two workers begin with equal dice and throw the same numbers, each for "
    "its own images. Nothing raises an error.",
)

# %%
# In the library
# --------------
# PyTorch seeds its global generator differently in each worker, so that transforms
# which use that one differ; but then the images depend on how many workers there are.
# Our loader draws a seed for each *image*, in the main process. The images are the same
# with any number of workers:


def dice(image):
    return torch.rand(()).expand(image.shape)  # the global generator


throws = [thrown(dice, workers) for workers in counts]
assert len(throws[0].unique()) == len(source)
assert all(torch.equal(others, throws[0]) for others in throws)

# %%
# The way to the device
# ---------------------
# On a GPU there is one more wait: the copy. It is shorter if bytes travel instead of
# floats, and are standardised over there, as our batches do.

floats, _ = ready[0]
times = floats.nbytes / source.images[: len(floats)].nbytes
print(f"a batch of standardised floats: {times:.0f} times the traffic of its bytes")

# %%
# A GPU can fetch by itself, while the program goes on, if the pages of memory stay
# where they are: *pinned* memory, and ``images.to(device, non_blocking=True)``. To pin
# costs a copy and takes those pages away from everybody else. Without a GPU it is
# refused, and there is nothing to gain: a move to where a tensor is does nothing.

assert floats.to("cpu", non_blocking=True) is floats
if torch.cuda.is_available():
    for name, batch in {"pageable": floats, "pinned": floats.pin_memory()}.items():
        start = perf_counter()
        for _ in range(100):
            batch.to("cuda", non_blocking=True)
        asked = perf_counter() - start
        torch.cuda.synchronize()
        print(f"{name}: asked {asked:.4f} s, arrived {perf_counter() - start:.4f} s")
elif not torch.accelerator.is_available():
    with expect_error(RuntimeError):
        floats.pin_memory()

# %%
# Takeaways
# ---------
# * One after the other costs the sum of preparing and computing; ahead of time, the
#   larger of the two.
# * Workers share the preparing. They cost a start, a copy of the data set each, and
#   cores.
# * Images that fit into memory need none: cut whole batches, change them as a whole.
# * Dice that are copied into workers repeat themselves. A seed for each image does not.
# * Pinned memory lets a GPU fetch while the program goes on; on a processor it is
#   nothing.
#
# Check yourself
# --------------
# Draw the lanes on paper, one for each worker and one for the network.

ask("end_of_an_epoch")

# %%
# How much help is enough?

ask("enough_workers")

# %%
# Exercise
# --------
# How long does an epoch take? Workers prepare batches in turn, as in ``plan``.


def epoch_seconds(count, prepare, compute, workers=0):
    """Return the time for `count` batches; `prepare` and `compute` are for each batch.

    With workers, number i % workers prepares batch i, one after the other and without
    limit; without, the loop prepares each batch itself.
    """
    raise NotImplementedError


check("epoch_seconds", epoch_seconds)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("epoch_seconds")

# %%
# References
# ----------
# 1. PyTorch. `torch.utils.data <https://docs.pytorch.org/docs/stable/data.html>`__, the
#    sections on workers, on their randomness, and on memory pinning.
# 2. PyTorch. `A guide on good usage of non_blocking and pin_memory
#    <https://docs.pytorch.org/tutorials/intermediate/pinmem_nonblock.html>`__
