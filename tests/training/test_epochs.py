"""Seeds, one epoch, an evaluation, predictions."""

from __future__ import annotations

import copy
import math
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.testing import assert_close

from cnn_tutorial.datasets import RandomCrop
from cnn_tutorial.training import (
    Evaluation,
    evaluate,
    fit,
    predict,
    seed_everything,
    train_epoch,
)
from cnn_tutorial.training._seeds import undisturbed
from training_cases import batches_of, blobs, sgd


class TestSeeds:
    def test_all_random_numbers_start_anew(self):
        def draw():
            old = np.random.rand()  # noqa: NPY002
            return random.random(), old, torch.rand(1).item()

        seed_everything(5)
        first = draw()
        assert draw() != first
        seed_everything(5)
        assert draw() == first
        seed_everything(6)
        assert draw() != first

    def test_who_puts_back_undoes_no_seed_of_another_thread(self):
        """The other thread waits with its seed until the old state is back."""
        seeds = threading.Thread(target=seed_everything, args=(5,))
        with undisturbed():
            seeds.start()
            seeds.join(timeout=0.1)
            torch.rand(3)
        seeds.join()
        drawn = torch.rand(3)
        seed_everything(5)
        assert torch.equal(torch.rand(3), drawn)

    def test_batches_of_our_own_do_not_mind_other_threads(self, digits):
        def run(seed):
            part = digits.train.subset(range(40))
            train = part.batches(16, shuffle=True, seed=seed, augment=[RandomCrop(2)])
            torch.manual_seed(0)
            model = nn.Sequential(nn.Flatten(), nn.Linear(1024, 10))
            with torch.no_grad():
                model[1].weight.zero_()
                model[1].bias.zero_()
            fit(model, train, optimizer=sgd(model), epochs=3, seed=seed)
            return model[1].weight.detach()

        alone = [run(seed) for seed in (1, 2, 3)]
        with ThreadPoolExecutor(3) as pool:
            assert all(map(torch.equal, alone, pool.map(run, (1, 2, 3))))
        assert not torch.equal(alone[0], alone[1])

    @pytest.mark.parametrize("seed", [-1, 2**32, 1.5, None])
    def test_out_of_range(self, seed):
        with pytest.raises(ValueError, match="`seed`"):
            seed_everything(seed)


class TestTrainEpoch:
    def test_agrees_with_the_loop_written_out(self, net):
        batches = batches_of(29)
        twin = copy.deepcopy(net)
        optimizer = sgd(twin, momentum=0.9)
        torch.manual_seed(1)
        twin.train()
        losses, correct = [], 0
        for images, labels in batches:
            scores = twin(images)
            loss = F.cross_entropy(scores, labels)
            losses += [loss.item()] * len(labels)
            correct += int((scores.argmax(1) == labels).sum())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        torch.manual_seed(1)
        seen = train_epoch(net, batches, optimizer=sgd(net, momentum=0.9))
        assert_close(net.state_dict(), twin.state_dict(), rtol=0, atol=0)
        assert_close(seen.loss, sum(losses) / 29)
        assert (seen.accuracy, seen.count) == (correct / 29, 29)

    def test_gradients_that_were_there_do_not_matter(self, net):
        twin = copy.deepcopy(net)
        for parameter in twin.parameters():
            parameter.grad = torch.full_like(parameter, 7.0)
        for model in (net, twin):
            torch.manual_seed(1)
            train_epoch(model, batches_of(8), optimizer=sgd(model))
        assert_close(net.state_dict(), twin.state_dict())

    def test_each_module_gets_its_own_mode_back(self, net):
        net.eval()
        net[4].train()
        train_epoch(net, batches_of(8), optimizer=sgd(net))
        assert [m.training for m in net] == [False] * 4 + [True, False]
        assert not net.training
        assert net[1].num_batches_tracked == 1  # it was on meanwhile

    def test_the_schedule_is_stepped_after_each_batch(self, net):
        optimizer = sgd(net, lr=1.0)
        schedule = StepLR(optimizer, 1, gamma=0.5)
        train_epoch(net, batches_of(24), optimizer=optimizer, scheduler=schedule)
        assert schedule.get_last_lr() == [0.125]

    def test_another_loss(self, net):
        weights = [p.clone() for p in net.parameters()]
        result = train_epoch(
            net, batches_of(8), optimizer=sgd(net), loss=lambda s, _: 0 * s.sum() + 2.5
        )
        assert result.loss == 2.5
        assert_close(list(net.parameters()), weights)

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_a_loss_that_is_not_finite_ends_it_before_the_step(self, net, bad):
        batches = batches_of(29)
        good = copy.deepcopy(net)
        torch.manual_seed(1)
        train_epoch(good, batches[:2], optimizer=sgd(good))
        batches[2] = (batches[2][0] * bad, batches[2][1])
        net.eval()
        torch.manual_seed(1)
        with pytest.raises(
            FloatingPointError, match=r"nan at step 3 \(learning rate 0"
        ):
            train_epoch(net, batches, optimizer=sgd(net))
        assert_close(list(net.parameters()), list(good.parameters()))
        assert not net.training

    def test_no_batches(self, net):
        with pytest.raises(ValueError, match="`batches` is empty"):
            train_epoch(net, [], optimizer=sgd(net))


class TestEvaluate:
    def test_does_not_depend_on_how_samples_are_batched(self, net):
        results = [evaluate(net, batches_of(29, n)) for n in (1, 8, 29)]
        for result in results[1:]:
            assert result.loss == pytest.approx(results[0].loss, rel=1e-5)
            assert (result.accuracy, result.count) == (results[0].accuracy, 29)

    def test_agrees_with_all_samples_at_once(self, net):
        images, labels = blobs(29)
        net.eval()
        with torch.no_grad():
            scores = net(images)
        result = evaluate(net, batches_of(29))
        assert result.loss == pytest.approx(F.cross_entropy(scores, labels).item())
        assert result.accuracy == int((scores.argmax(1) == labels).sum()) / 29

    def test_changes_nothing(self, net):
        net.train()
        net[1].eval()
        before, drawn = copy.deepcopy(net.state_dict()), torch.get_rng_state()
        evaluate(net, batches_of(29))
        predict(net, batches_of(29))
        assert_close(net.state_dict(), before, rtol=0, atol=0)
        assert torch.equal(torch.get_rng_state(), drawn)
        assert [m.training for m in net] == [True, False, True, True, True, True]
        assert all(p.grad is None for p in net.parameters())

    def test_builds_no_graph(self, net):
        graphs = []
        net.register_forward_hook(lambda _m, _a, out: graphs.append(out.grad_fn))
        evaluate(net, batches_of(16))
        predict(net, batches_of(16))
        assert graphs == [None] * 4
        assert torch.is_grad_enabled()

    def test_the_mode_comes_back_after_an_error(self, net):
        net.train()
        with pytest.raises(RuntimeError):
            evaluate(
                net, [(torch.zeros(2, 5, 7, 7), torch.zeros(2, dtype=torch.int64))]
            )
        assert all(module.training for module in net.modules())

    def test_no_batches(self, net):
        with pytest.raises(ValueError, match="`batches` is empty"):
            evaluate(net, iter([]))
        with pytest.raises(ValueError, match="`batches` is empty"):
            predict(net, [])


class TestPerClass:
    def test_by_hand(self):
        # Labels 0 0 0 1 1 of four classes, taken for 0 0 2 1 0.
        said, labels = torch.tensor([0, 0, 2, 1, 0]), torch.tensor([0, 0, 0, 1, 1])
        scores = F.one_hot(said, 4).float()
        batches = [(scores[:3], labels[:3]), (scores[3:], labels[3:])]
        found = evaluate(nn.Identity(), batches, per_class=True).per_class
        assert found.confusion.tolist() == [
            [2, 0, 1, 0],
            [1, 1, 0, 0],
            [0] * 4,
            [0] * 4,
        ]
        assert found.support.tolist() == [3, 2, 0, 0]
        nan = math.nan
        np.testing.assert_allclose(found.recall, [2 / 3, 1 / 2, nan, nan])
        np.testing.assert_allclose(found.precision, [2 / 3, 1, 0, nan])
        assert found.f1[:2] == pytest.approx([2 / 3, 2 / 3])  # 2pr / (p + r)

    def test_the_diagonal_is_the_accuracy(self, net):
        result = evaluate(net, batches_of(29), per_class=True)
        confusion = result.per_class.confusion
        assert confusion.trace() / confusion.sum() == result.accuracy
        assert confusion.sum(axis=1).tolist() == [10, 10, 9]  # 0, 1, 2, 0, 1, 2, ...

    def test_only_for_those_who_ask(self, net):
        plain = evaluate(net, batches_of(29))
        assert plain.per_class is None
        assert plain == evaluate(net, batches_of(29), per_class=True)


class TestPredict:
    def test_scores_and_labels_in_order(self, net):
        images, labels = blobs(29)
        scores, found = predict(net, batches_of(29))
        net.eval()
        assert_close(scores, net(images).detach())
        assert torch.equal(found, labels)
        assert not scores.requires_grad


class TestModelsWithoutParameters:
    def test_evaluate(self):
        images = torch.eye(3)
        result = evaluate(nn.Identity(), [(images, torch.tensor([0, 1, 1]))])
        assert isinstance(result, Evaluation)
        assert result.accuracy == pytest.approx(2 / 3)
