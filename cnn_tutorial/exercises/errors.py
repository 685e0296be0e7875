"""What the messages of Python and PyTorch mean, and what to look at."""

from __future__ import annotations

import re

__all__ = ["hint_for"]

_INIT_FORGOTTEN = (
    "The first line of `__init__` must be `super().__init__()`: it makes the places "
    "where a module keeps its layers and parameters."
)
_UNKNOWN = (
    "The error says what went wrong, the line below it where. Print the shapes, or the "
    "types, of what stands on that line."
)
_HINTS = {
    r"before Module.__init__\(\) call": (_INIT_FORGOTTEN),
    r"no attribute '_(modules|parameters|buffers|forward_hooks|backward_hooks)'": (
        _INIT_FORGOTTEN
    ),
    r'missing the required "forward" function': (
        "A module computes in its method `forward`: check its name and indentation."
    ),
    r"a (leaf )?[Vv]iew? ?.*in-place|leaf Variable .* in-place": (
        "Do not change the input in place (`+=`, `x[...] = ...`, names that end in "
        "`_`): compute a new tensor."
    ),
    r"is invalid for input of size": (
        "Count the numbers: a reshape keeps them all, so that the product of the new "
        "shape must be the product of the old one."
    ),
    r"expanded size of the tensor|shape mismatch: value": (
        "What is written has one shape, and the place for it another: print both. "
        "(`[p:-p]` is empty when p is 0; `[p : p + height]` is not.)"
    ),
    r"must match the (existing )?size": (
        "Write the two shapes one below the other, their last axes in one column. "
        "Number by number works where axes are equal, or one of them is 1. Is an axis "
        "missing, or has a slice run over the border?"
    ),
    r"Sizes of tensors must match except in dimension": (
        "Parts are laid side by side along one axis, and agree in all others. Which "
        "axis is meant to grow?"
    ),
    r"shapes cannot be multiplied|inconsistent tensor size|size mismatch"
    r"|Expected size for first": (
        "Write the two shapes one below the other. In a matrix product the last axis "
        "of the first meets the last but one of the second."
    ),
    r"stack expects each tensor to be equal size": (
        "The tensors in the list have several shapes. Does the last one hang over the "
        "end?"
    ),
    r"\(unbatched\) or .*\(batched\) input|non-empty 3D or 4D": (
        "A layer wants a channel axis before those of space, and may have a batch axis "
        "before that: (C, H, W) or (N, C, H, W). `[None]` adds an axis in front, `[0]` "
        "takes it off."
    ),
    r"expected size of input's dimension": (
        "`F.fold` counts the places anew. Give it the same kernel size, stride, "
        "padding and dilation as `F.unfold` had, and the size of the image."
    ),
    r"view size is not compatible": (
        "A view cannot cross memory that is not in order: use `reshape`."
    ),
    r"^IndexError: (Dimension out of range|too many indices)": (
        "The tensor has fewer axes than you count. Look at the shapes under `Given`: "
        "is there an axis for images?"
    ),
    r"^IndexError": (
        "The last index of n things is n - 1. Which numbers does yours run through?"
    ),
    r"Boolean value of (a )?Tensor with": (
        "`if`, `and`, `not` ask one question, and a tensor has as many answers as "
        "numbers. Choose number by number, with `torch.where` or a product by the "
        "mask; to ask whether it is there, write `is not None`."
    ),
    r"truth value of an array": (
        "`if`, `and`, `or` and `not` want one yes or no, and an array has many: choose "
        "number by number, with `torch.where` or a product by the mask."
    ),
    r"does not require grad and does not have a grad_fn": (
        "`backward` follows a graph, and none was recorded: is there a `no_grad` "
        "around the forward pass, a `detach`, or an `item`?"
    ),
    r"backward through the graph a second time": (
        "A graph is used up by one `backward`. Compute the loss anew before the next "
        "one."
    ),
    r"'(float|int)' object has no attribute 'backward'": (
        "`item()` leaves a number without its graph: call `backward` on the tensor, "
        "and take the number afterwards."
    ),
    r"(only|a Tensor with) .*elements? .*(converted? to|Scalars?)|only 0-dim": (
        "A tensor of several numbers stands where Python wants one. `torch.sqrt`, "
        "`torch.exp` and their like work number by number; those of `math` do not."
    ),
    r"NoneType": (
        "Something is None here: an argument that may be left out, or a function that "
        "forgot its `return`."
    ),
    r"float' object cannot be interpreted as an integer|slice indices must be integers"
    r"|must be (tuple of )?ints?,.* float": (
        "Sizes, counts and indices are whole numbers. `/` makes a float; `//` divides "
        "and rounds down."
    ),
    r"must be tuple of ints": (
        "A shape is whole numbers in a row, and one of yours is itself a tuple: "
        "`*size` takes it apart."
    ),
    r"must be Tensor, not|expected Tensor as|only tensors": (
        "A function of PyTorch wants a tensor there: `torch.tensor(...)` makes one of "
        "numbers, `torch.from_numpy(...)` one of an array."
    ),
    r"too many values to unpack|not enough values to unpack": (
        "There are more names on the left than things to unpack, or fewer. How many "
        "are there in what was given above, and in which order?"
    ),
    r"missing \d+ required (positional|keyword-only) arg|takes .* positional arg": (
        "A function on that line is called with too few arguments, or with too many. "
        "Which does it take, and in which order?"
    ),
    r"unexpected keyword argument|invalid keyword argument": (
        "A function on that line has no parameter of this name: look its names up."
    ),
    r"no attribute '[^']*\.": (
        "A name with dots leads through several modules, and `getattr` goes one step: "
        "`model.get_submodule(name)` goes all of them."
    ),
    r"has no attribute": (
        "It is of another type than you thought, or the name is spelled in another "
        "way. Print `type(...)` of what stands before the dot."
    ),
    r"weight of size \[.*\], expected input.* to have \d+ channels": (
        "A kernel has the shape (out, in / groups, k, k). Compare its second number "
        "with the channels of the maps: does each channel have a kernel of its own? "
        "Then `groups` is the number of channels that are there *now*."
    ),
    r"Given groups=\d+, expected weight to be at least": (
        "With groups, a kernel has the shape (out, in / groups, k, k): one kernel for "
        "each channel is (C, 1, k, k)."
    ),
    r"expected (stride|padding|dilation) to be a single integer value": (
        "Count the axes of the kernel: `conv2d` wants four, (out, in / groups, k, k). "
        "`look[:, None]` puts one of length 1 in the second place."
    ),
    r"padding='same' is not supported": (
        "Say the padding in numbers: k // 2 on each side, for a window of k x k."
    ),
    r"(running_mean|weight) should contain \d+ elements": (
        "A norm has one mean for each channel that it reads: give it the channels of "
        "what comes before it."
    ),
    r"Kernel size can't be greater than actual input size": (
        "The window is larger than the maps with their padding: is the padding missing?"
    ),
    r"expected scalar type|should be the same|dtypes? .*(match|differ)|same dtype": (
        "Two kinds of numbers meet, float32 and float64, or whole ones: make your new "
        "tensors like an old one (`dtype=x.dtype`, `torch.zeros_like`)."
    ),
    r"same device": ("Make your new tensors where the others are: `device=x.device`."),
    r"^ZeroDivisionError": ("What is divided by is 0 here: look at the smallest case."),
    r"^KeyError": ("The dictionary has no such key: print its keys."),
    r"^UnboundLocalError": (
        "The name gets its value on another path: in a branch or a loop that this case "
        "does not enter."
    ),
    r"^SyntaxError: .* was never closed": (
        "A bracket is opened there and not closed: count them to the end of the line."
    ),
    r"^(IndentationError|TabError)": (
        "The lines of a body begin in the same column, four spaces further in than "
        "the line with the colon."
    ),
    r"^SyntaxError": (
        "Python cannot read that line. Is there a bracket, a colon, a comma or a quote "
        "missing, there or at the end of the line before?"
    ),
    r"^(ModuleNotFoundError|ImportError)": (
        "Import what the page imports: nothing else need be installed here."
    ),
    r"^NameError: name 'self'": (
        "There is no `self` in a function outside a class: it has its parameters, and "
        "what it computes."
    ),
    r"^NameError": (
        "A name is not known here: is it spelled as where it was made, and imported?"
    ),
    r"^RecursionError": (
        "The function calls itself without an end: look for the case that stops it."
    ),
    r"^EOFError": ("Nobody is there to answer `input()`: use the arguments."),
    r"^MemoryError|not enough memory|can't allocate memory": (
        "More memory than a small case can need: which shape has grown, or which list?"
    ),
    r"^(SystemExit|KeyboardInterrupt)": (
        "An answer must not end the program: return a value."
    ),
}


def hint_for(what: str) -> str:
    """Return what to look at after an exception.

    Parameters
    ----------
    what
        Its type and text in one line.

    Returns
    -------
    str
        A sentence or two.

    Examples
    --------
    >>> hint_for("EOFError: EOF when reading a line")
    'Nobody is there to answer `input()`: use the arguments.'
    """
    found = (hint for pattern, hint in _HINTS.items() if re.search(pattern, what))
    return next(found, _UNKNOWN)
