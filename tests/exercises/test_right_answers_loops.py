"""Right answers that are not the solution: loops, averages, checkpoints."""

from __future__ import annotations

import torch
from torch import nn

from cnn_tutorial import datasets, training
from cnn_tutorial.exercises import Status, check, get


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


class TestJudgeNet:
    def test_by_the_package(self):
        def judge(model, data):
            result = training.evaluate(model, data)
            return result.loss, result.accuracy

        assert is_right("judge_net", judge)

    def test_all_scores_first(self):
        @torch.inference_mode()
        def judge(model, data):
            mode = model.training
            model.train(False)
            scores = torch.cat([model(x) for x, _ in data])
            labels = torch.cat([y for _, y in data])
            model.train(mode)
            loss = nn.CrossEntropyLoss()(scores, labels)
            return loss.item(), (scores.max(1).indices == labels).double().mean().item()

        assert is_right("judge_net", judge)


class TestKeptSteps:
    def test_by_going_back_from_the_last(self):
        def kept(marks, number):
            order = sorted(marks, reverse=True)
            top = max(marks.values())
            best = next(step for step in order if marks[step] == top)
            return [s for s in order[::-1] if s in order[:number] or s == best]

        assert is_right("kept_steps", kept)

    def test_the_package_keeps_the_same(self, tmp_path):
        scores = {1: 0.3, 2: 0.9, 3: 0.5, 4: 0.9, 5: 0.1, 6: 0.2, 7: 0.4}
        checkpoints = training.Checkpoints(tmp_path, keep=2)
        for step, score in scores.items():
            checkpoints.save({}, step=step, score=score)
        expected = get("kept_steps").reference(scores, 2)
        assert [c.step for c in checkpoints.list()] == expected == [4, 6, 7]


class TestPlaceOf:
    def test_by_walking(self):
        def place(steps, n, size):
            epochs = seen = batches = 0
            for _ in range(steps):
                seen, batches = seen + size, batches + 1
                if seen >= n:
                    epochs, seen, batches = epochs + 1, 0, 0
            return epochs, batches

        assert is_right("place_of", place)

    def test_as_the_package_counts(self):
        batches = datasets.load("digits").train.subset(range(10)).batches(4)
        assert get("place_of").reference(7, 10, 4) == divmod(7, len(batches))
