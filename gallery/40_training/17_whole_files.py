"""
A file that no crash leaves half written
========================================

The worst moment for a power cut is while a checkpoint is being written. The old one is
gone, the new one is half there, and a night of training with it. The cure is old, short
and often left out. On this page we pull the plug at forty moments, with and without
it.

You will

* say what is left of a file after a crash, byte by byte;
* write a file so that it is whole or not there, in five lines;
* find one changed bit, and refuse a file that would run code.

**Before this:** the lesson on stopping and resuming.
"""

import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from cnn_tutorial import plotting, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

folder = TemporaryDirectory()
path = Path(folder.name, "net.pt")

# %%
# The question
# ------------
# A checkpoint of yesterday is on the disk. We write today's over it, and the power fails
# after half of the bytes.


def packed(value):
    buffer = io.BytesIO()
    torch.save({"weights": torch.full((100,), value)}, buffer)
    return buffer.getvalue()


old, new = packed(1.0), packed(2.0)
path.write_bytes(old)
path.write_bytes(new[: len(new) // 2])  # and here the lights go out
predict(
    "How many of yesterday's bytes are left?",
    "none" if path.read_bytes() == new[: len(new) // 2] else "some",
    because="Opening a file for writing empties it. Yesterday's was gone before the "
    "first new byte came.",
)

# %%
# What does PyTorch say about the rest?

with expect_error(RuntimeError):
    torch.load(path, weights_only=True)

# %%
# By hand
# -------
# Write *beside* the file, make sure that the bytes have reached the disk, rename. A
# rename is one operation for the file system: before it the name means the old file,
# after it the new one. There is no moment between.


def write_beside(path, content, crash_after=None):
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content[:crash_after])
        file.flush()
        os.fsync(file.fileno())  # out of the memory of the operating system
    if crash_after is None:
        part.replace(path)


def write_over(path, content, crash_after=None):
    path.write_bytes(content[:crash_after])


# %%
# Without ``fsync`` the system may rename first and write later: a file with the right
# name and nothing in it. Now we crash at forty moments, each time over a good file, and
# ask whether what is there can be read.


def survives(write, crash_after):
    path.write_bytes(old)
    write(path, new, crash_after)
    try:
        torch.load(path, weights_only=True)
    except (RuntimeError, EOFError):
        return False
    return True


moments = torch.linspace(0, len(new) - 1, 40).int().tolist()
alive = {
    name: [float(survives(write, moment)) for moment in moments]
    for name, write in (("write over", write_over), ("write beside", write_beside))
}
predict(
    "Out of 40 crashes, how many leave a readable file, over and beside?",
    f"over: {sum(alive['write over']):.0f}, beside: {sum(alive['write beside']):.0f}",
    because="Beside, the file under the name is never touched before it is replaced.",
)

# %%
# Each point is one crash.

plotting.lines(
    [moment / len(new) for moment in moments],
    alive,
    title="After a crash: 1 is a file that can be read, 0 is one that cannot",
    xlabel="share of the bytes that were written",
    ylabel="readable",
)
assert all(alive["write beside"])

# %%
# And without a crash both write the same:

write_beside(path, new)
assert path.read_bytes() == new

# %%
# One bit
# -------
# Disks and networks change a bit now and then. We change one within the weights and
# read the file.

damaged = bytearray(new)
damaged[new.index(torch.full((100,), 2.0).numpy().tobytes()) + 203] ^= 0b0010_0000
path.write_bytes(bytes(damaged))
try:
    read = torch.load(path, weights_only=True)["weights"]
    verdict = f"no complaint; largest weight {read.max():.3g} instead of 2"
except RuntimeError as error:
    verdict = f"refused: {error}"
print("torch.load:", verdict)

# %%
# A checksum leaves no doubt. The package puts one, the first half of a SHA-256, into
# the name of the file, so that there is no second file that could get lost.

checkpoints = training.Checkpoints(f"{folder.name}/run", keep=2)
file = checkpoints.save({"weights": torch.ones(100)}, step=1, score=0.5)
content = bytearray(file.read_bytes())
content[len(content) // 2] ^= 1
file.write_bytes(bytes(content))
with expect_error(training.CheckpointError):
    training.checkpoints.read(file)

# %%
# A file that means harm
# ----------------------
# A file may be whole and still be no friend. A pickle, Python's own format, can name
# any function to be called when it is read. ``weights_only=True`` takes tensors and
# plain values and nothing else, and so does the package.

torch.save({"weights": torch.ones(2), "surprise": print}, path)
with expect_error(training.CheckpointError):
    training.checkpoints.read(path)

# %%
# Refused when it is *written*, too: a checkpoint that cannot be read back is worth
# nothing, and it is better to know that now than after the crash.

with expect_error(training.CheckpointError):
    checkpoints.save({"model": torch.nn.Linear(2, 2)}, step=2)

# %%
# Which ones stay
# ---------------
# ``keep=2`` keeps the last two to go on from, and the best one to use. Here are seven
# with their scores, higher is better.

scores = {11: 0.3, 12: 0.9, 13: 0.5, 14: 0.9, 15: 0.1, 16: 0.2, 17: 0.4}
plotting.bars(
    {f"step {step}": score for step, score in scores.items()},
    title="Seven checkpoints: the last two and the best one are to stay",
    xlabel="score",
)

# %%
# We write all seven, one after the other.

fresh = training.Checkpoints(f"{folder.name}/other", keep=2)
for step, score in scores.items():
    fresh.save({"step": step}, step=step, score=score)
predict(
    "Two have the same best score. Which steps are left?",
    [checkpoint.step for checkpoint in fresh.list()],
    because="The last two, and of the two best ones the later.",
)

# %%
# The last one is what ``resume=True`` takes. The best one is for use:

print("last:", fresh.load(), " best:", fresh.load(best=True))
folder.cleanup()

# %%
# Takeaways
# ---------
# * Write beside, flush to the disk, rename. Anything else has a moment at which neither
#   the old nor the new file exists.
# * Compare a checksum when you read.
# * Read data and no code: ``weights_only=True``.
# * Keep more than one, and the best.
#
# Check yourself
# --------------
# Pull the plug once more, in your head.

ask("bytes_after_a_crash")

# %%
# Exercise
# --------
# Disks fill up, so old checkpoints go. Which ones stay?


def kept_steps(scores, keep):
    """Return the steps of the checkpoints that stay, oldest first.

    scores maps the step of each checkpoint to its score, higher is better. The last
    keep of them stay, and the best one; of equally good ones the latest.
    """
    raise NotImplementedError


check("kept_steps", kept_steps)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("kept_steps")

# %%
# References
# ----------
# 1. T. S. Pillai et al. *All File Systems Are Not Created Equal: On the Complexity of
#    Crafting Crash-Consistent Applications.* OSDI 2014. `Paper
#    <https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai>`__
# 2. PyTorch. *Serialization semantics*: what a file holds, and ``weights_only``. `Notes
#    <https://pytorch.org/docs/stable/notes/serialization.html>`__
