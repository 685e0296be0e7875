"""Stopping, resuming, and files that a crash finds half written."""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch
from torch import Tensor, optim

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_RULES: dict[str, Callable[[Tensor], optim.Optimizer]] = {
    "plain SGD": lambda w: optim.SGD([w], lr=0.25),
    "SGD with momentum": lambda w: optim.SGD([w], lr=0.25, momentum=0.5),
    "AdamW": lambda w: optim.AdamW([w], lr=0.25),
}
_PARTS = {
    "optimizer": "the state of the optimiser",
    "order": "the generator that shuffles",
    "random": "the generator of dropout",
}
_NEEDLESS = {
    "optimizer": "Plain SGD remembers nothing from one step to the next.",
    "order": "The order of the images is not drawn.",
    "random": "Without dropout nothing is drawn within a step.",
}
_LACKING = {
    "optimizer": "It averages gradients from step to step, and would begin from zero.",
    "order": "Made anew from its seed, it would shuffle as in the first epoch.",
    "random": "Made anew from its seed, it would drop what it dropped at first.",
}


@question(
    "40_training/15_resume",
    rule=tuple(_RULES),
    dropout=(True, False),
    shuffled=(True, False),
    saved=("nothing", *_PARTS),
)
def missing_part(rule: str, dropout: bool, shuffled: bool, saved: str) -> Posed | None:
    """Tell what else a training needs to go on as if nobody had stopped it."""
    setting = rule, dropout, shuffled
    through = _weights(*setting, lost=())
    needed = [part for part in _PARTS if not through.equal(_weights(*setting, [part]))]
    lacking = [part for part in needed if part != saved]
    if len(lacking) > 1:
        return None
    extra = "" if saved == "nothing" else f" and {_PARTS[saved]}"
    nothing = "nothing else"
    wrong: dict[object, str] = {
        nothing: "Go through optimiser, shuffling and dropout: which of them carries "
        "something into the second epoch that is not saved?"
    }
    for part, name in _PARTS.items():
        wrong[name] = _NEEDLESS[part] if part not in needed else "It is saved already."
    both = " (each from a generator of its own)" if dropout and shuffled else ""
    return Posed(
        f"Training by {rule}, {'with' if dropout else 'without'} dropout, the images "
        f"{'shuffled' if shuffled else 'in the same order'} in each epoch{both}. After "
        f"one of two epochs the weights{extra} are saved. What else has to be saved, "
        "to resume and end at the same weights?",
        _PARTS[lacking[0]] if lacking else nothing,
        _LACKING[lacking[0]]
        if lacking
        else "All that this training carries from one epoch to the next is saved.",
        wrong,
    )


def _weights(rule: str, dropout: bool, shuffled: bool, lost: Collection[str]) -> Tensor:
    """Train for two epochs; between them, start anew without what is lost."""
    w = torch.zeros(3, requires_grad=True)
    optimizer = _RULES[rule](w)
    chance = {part: torch.Generator().manual_seed(0) for part in ("order", "random")}
    x = torch.arange(18.0).reshape(6, 3).cos()
    for epoch in range(2):
        if epoch and "optimizer" in lost:
            optimizer = _RULES[rule](w)
        for part in chance.keys() & lost if epoch else ():
            chance[part].manual_seed(0)
        rows = torch.randperm(6, generator=chance["order"]) if shuffled else range(6)
        for row in rows:
            keep = torch.rand(3, generator=chance["random"]) > 0.5 if dropout else 1
            optimizer.zero_grad()
            ((x[row] * keep) @ w - 1).square().backward()
            optimizer.step()
    return w.detach()


@question(
    "40_training/17_whole_files",
    way=("over", "beside", "beside"),
    old=(40, 60, 70),
    new=(50, 80, 100),
    moment=("early", "late", "all", "renamed"),
)
def bytes_after_a_crash(way: str, old: int, new: int, moment: str) -> Posed | None:
    """Tell what a file holds after a crash."""
    if way == "over" and moment == "renamed":
        return None
    count = {"early": new // 5, "late": new // 2}.get(moment, new)
    when = {"all": "after all of them", "renamed": "after all of them and the rename"}
    disk = _crashed(way, old, new=count, renamed=moment == "renamed")
    if way == "beside" and moment == "all":
        when["all"] += ", before the rename"
    hints = _CRASHES[way, moment == "renamed"]
    return Posed(
        f"`net.pt` holds {old} old bytes. A program {_WAYS[way].format(new)}. The "
        f"power fails {when.get(moment, f'after {count} of them')}; what was written "
        "is on the disk. What does `net.pt` hold?",
        disk,
        hints[0],
        {
            f"{old} old bytes": hints[1],
            f"{count} new bytes": "They stand in `net.part`. What has to happen before "
            "the name `net.pt` means that file?",
            f"{count} new, then {old - count} old bytes"
            if count < old
            else f"{count} new and {old} old bytes": "Nothing mixes the two: opening "
            "with `wb` empties a file, and a rename swaps whole ones.",
            "no bytes": hints[2],
        },
    )


_WAYS = {
    "over": "opens it with `wb` and writes {} new ones",
    "beside": "writes {} new ones to `net.part`, then renames it to `net.pt`",
}
_OPENED = "Only opening `net.pt` itself with `wb` would empty it."
# Why, then what to say to the old bytes, and to none.
_CRASHES = {
    ("over", False): (
        "Opening with `wb` removed the old bytes, and then new ones came.",
        "What does `wb` do to a file before its first byte is written?",
        "So it is right after opening. Since then bytes have come.",
    ),
    ("beside", False): (
        "`net.pt` changes by the rename only, and the power failed before it.",
        "",
        _OPENED,
    ),
    ("beside", True): (
        "The rename has happened, and it brings the new file as a whole.",
        "So it was until the rename. Was the power still on then?",
        _OPENED,
    ),
}


def _crashed(way: str, old: int, *, new: int, renamed: bool) -> str:
    """Return what `net.pt` holds after so many new bytes."""
    disk = {"net.pt": f"{old} old bytes"}
    disk["net.pt" if way == "over" else "net.part"] = f"{new} new bytes"
    if renamed:
        disk["net.pt"] = disk.pop("net.part")
    return disk["net.pt"]


QUESTIONS = (missing_part, bytes_after_a_crash)
