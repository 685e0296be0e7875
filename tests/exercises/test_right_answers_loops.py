"""Right answers that are not the solution: loops, averages, checkpoints."""

from __future__ import annotations

from cnn_tutorial import training
from cnn_tutorial.exercises import Status, check


def is_right(name, attempt):
    return check(name, attempt).status == Status.RIGHT


class TestRepairedEpoch:
    def test_by_the_package(self):
        def epoch(model, data, sgd):
            return training.train_epoch(model, data, optimizer=sgd).loss

        assert is_right("repaired_epoch", epoch)

    def test_cleared_after_the_step_and_once_before(self):
        def epoch(model, data, sgd):
            model.train()
            model.zero_grad()
            every = []
            for x, y in data:
                scores = model(x)
                shares = scores.log_softmax(1)
                losses = -shares[range(len(y)), y]
                losses.mean().backward()
                sgd.step()
                model.zero_grad(set_to_none=False)
                every += losses.tolist()
            return sum(every) / len(every)

        assert is_right("repaired_epoch", epoch)
