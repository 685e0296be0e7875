"""Each exercise: stub, solution, every known mistake, other right answers, mutants."""

from __future__ import annotations

import ast
import contextlib
import functools
import html
import inspect
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check, get, list_exercises
from cnn_tutorial.exercises.trial import run
from cnn_tutorial.exercises.values import show
from mutations import mutants

EXERCISES = list_exercises()
each = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.name}-{mistake.name}")
        for exercise in EXERCISES
        for mistake in exercise.mistakes
    ],
)
GALLERY = Path(__file__).parents[2] / "gallery"


def defined(source: str, name: str):
    names: dict[str, object] = {}
    exec(compile(source, "<attempt>", "exec"), names)
    return names[name]


@each
def test_the_stub_is_not_attempted(exercise):
    feedback = exercise.check(defined(exercise.stub, exercise.name))
    assert feedback.status == Status.NOT_ATTEMPTED
    assert f"hint('{exercise.name}', 1)" in feedback.hint
    assert feedback.case is None


@each
def test_the_solution_shown_is_right(exercise):
    feedback = exercise.check(defined(exercise.solution, exercise.name))
    assert feedback.status == Status.RIGHT
    assert feedback.next == exercise.next


@each_mistake
def test_every_mistake_is_recognised(exercise, mistake):
    feedback = exercise.check(mistake.attempt)
    assert feedback.status == Status.WRONG
    assert feedback.mistake == mistake.name
    assert feedback.hint == mistake.hint
    assert feedback.case is not None


@each
def test_mistakes_can_be_called_as_the_solution_is(exercise):
    # One that cannot would always raise, and no learner's code would ever be it.
    arguments = inspect.signature(exercise.reference).parameters
    for mistake in exercise.mistakes:
        inspect.signature(mistake.attempt).bind(*arguments)


@each
def test_mistakes_and_hints_are_their_own(exercise):
    assert len(exercise.mistakes) >= 3
    hints = [*(mistake.hint for mistake in exercise.mistakes), *exercise.hints]
    assert len(set(hints)) == len(hints)
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(set(names)) == len(names)
    for number, text in enumerate(exercise.hints, 1):
        assert exercise.hint(number).text == text


@each
def test_cases_are_told_apart_and_small(exercise):
    names = [case.name for case in exercise.cases]
    assert len(set(names)) == len(names)
    # What is shown of a case must be small enough to compute by hand, but for the last.
    for case in exercise.cases[:3]:
        assert "tensor of shape" not in show(case.make())


@each
def test_the_reference_can_be_compared(exercise):
    for case in exercise.cases:
        outcome = run(exercise.observe, case, exercise.reference)
        assert outcome.fault is None
        assert outcome.seen


@each
def test_it_belongs_to_a_lesson_with_this_stub(exercise):
    page = GALLERY / f"{exercise.lesson}.py"
    definitions = ast.FunctionDef | ast.ClassDef
    found = [
        node
        for node in ast.parse(page.read_text("utf-8")).body
        if isinstance(node, definitions) and node.name == exercise.name
    ]
    assert len(found) == 1, f"{page.name} has no stub {exercise.name}"
    (ours,) = (n for n in ast.parse(exercise.stub).body if isinstance(n, definitions))
    assert signatures(found[0]) == signatures(ours)


def signatures(definition):
    """Return names and parameters of a function, or of a class's methods."""
    functions = [n for n in ast.walk(definition) if isinstance(n, ast.FunctionDef)]
    return [(function.name, ast.unparse(function.args)) for function in functions]


def test_each_lesson_has_its_exercise():
    lessons = {exercise.lesson for exercise in EXERCISES}
    pages = {f"{page.parent.name}/{page.stem}" for page in GALLERY.glob("*/[0-9]*.py")}
    assert lessons == pages


class TestOtherRightAnswers:
    def test_unfold_convolution_with_other_names_and_pytorch(self):
        def convolve(image, kernels, step=1, zeros=0):
            return F.conv2d(image, kernels, stride=step, padding=zeros)

        assert check("unfold_convolution", convolve).status == Status.RIGHT

    def test_unfold_convolution_by_loops(self):
        def convolve(x, w, s=1, p=0):
            x, (kh, kw) = F.pad(x, (p, p, p, p)), w.shape[2:]
            rows = [
                torch.stack(
                    [
                        torch.einsum("nchw,ochw->no", x[..., i : i + kh, j : j + kw], w)
                        for j in range(0, x.shape[3] - kw + 1, s)
                    ],
                    dim=-1,
                )
                for i in range(0, x.shape[2] - kh + 1, s)
            ]
            return torch.stack(rows, dim=-2)

        assert check("unfold_convolution", convolve).status == Status.RIGHT

    def test_patch_matrix_bytes_by_a_tensor(self):
        def measure(size, k, s=1, p=0, itemsize=4):
            table = F.unfold(torch.empty(size), k, 1, p, s)
            return table.numel() * itemsize

        assert check("patch_matrix_bytes", measure).status == Status.RIGHT

    def test_call_with_hooks_by_a_module(self):
        class Call(nn.Module):
            def __init__(self, function):
                super().__init__()
                self.function = function

            def forward(self, x):
                return self.function(x)

        def call(forward, before, after, x):
            module = Call(forward)
            for hook in before:
                module.register_forward_pre_hook(hook)
            for hook in after:
                module.register_forward_hook(hook)
            return module(x)

        assert check("call_with_hooks", call).status == Status.RIGHT

    def test_activation_recorder_with_partial_and_a_stack(self):
        def store(found, name, module, args, output):
            found[name] = torch.tensor(output.tolist())

        def record(net, layers, image):
            found = {}
            with contextlib.ExitStack() as stack, torch.no_grad():
                for name in layers:
                    hook = functools.partial(store, found, name)
                    handle = net.get_submodule(name).register_forward_hook(hook)
                    stack.callback(handle.remove)
                net(image)
            return found

        assert check("activation_recorder", record).status == Status.RIGHT

    def test_lenet_features_by_layers(self):
        def count(h, w, k=3):
            layers = (nn.Conv2d(1, 6, k), nn.MaxPool2d(2), nn.Conv2d(6, 16, k))
            net = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten())
            return net(torch.zeros(1, 1, h, w)).shape[1]

        assert check("lenet_features", count).status == Status.RIGHT

    def test_mean_loss_by_tensors_and_by_samples(self):
        def by_tensors(means, counts):
            means, counts = torch.tensor(means), torch.tensor(counts)
            return (means * counts).sum() / counts.sum()

        def by_samples(means, counts):
            pairs = zip(means, counts, strict=True)
            every = [mean for mean, count in pairs for _ in range(count)]
            return sum(every) / len(every)

        assert check("mean_loss", by_tensors).status == Status.RIGHT
        assert check("mean_loss", by_samples).status == Status.RIGHT


@each
def test_mutants_of_the_solution_are_rejected(exercise):
    survivors = []
    for _, source in mutants(exercise.solution, few=True):
        feedback = exercise.check(defined(source, exercise.name))
        if feedback.status == Status.RIGHT:
            survivors.append(source)
    assert not survivors, "\n\n".join(survivors)


@each
def test_feedback_is_whole_in_html_and_ascii_in_terminals(exercise):
    right, wrong = exercise.check(exercise.reference), exercise.mistakes[0].attempt
    for feedback in (right, exercise.check(wrong), exercise.check(None)):
        assert repr(feedback).isascii()
        page = html.unescape(feedback._repr_html_())
        shown = feedback.hint.replace("`", "")
        assert shown in page.replace("<code>", "").replace("</code>", "")
    assert get(exercise.name).title in repr(right)
