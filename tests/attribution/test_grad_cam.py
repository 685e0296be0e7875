"""Maps weighed by their gradients."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.attribution import grad_cam
from cnn_tutorial.models import LeNet, resnet18


def pooled(inplace=False):
    """Return a model whose maps meet the scores through a global mean."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 7, 3, padding=1),
        nn.ReLU(inplace=inplace),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(7, 5),
    )


X = torch.randn(3, 2, 11, 13, generator=torch.Generator().manual_seed(0))


def test_behind_a_global_mean_it_is_the_class_activation_map():
    """Zhou and others 2016: maps weighed by the row of the last layer, over H*W."""
    model = pooled()
    classes = torch.tensor([4, 0, 2])
    found = grad_cam(model, X, classes, layer="1", rectify=False)
    maps = model[:2](X)
    expected = torch.einsum("nk,nkij->nij", model[4].weight[classes], maps)
    assert_close(found, expected.detach() / (11 * 13))
    scores = model(X)[range(3), classes] - model[4].bias[classes]
    assert_close(found.sum((1, 2)), scores.detach())  # it shares out the score


def test_agrees_with_gradients_by_hand_and_cuts_below_zero():
    torch.manual_seed(0)
    net = LeNet(2, 5, input_size=(11, 13))
    maps = net.conv1(X)
    maps.retain_grad()
    y = F.max_pool2d(F.relu(maps), 2)
    y = net._flatten(F.max_pool2d(F.relu(net.conv2(y)), 2))
    y = net.fc3(F.relu(net.fc2(F.relu(net.fc1(y)))))
    y.max(dim=1).values.sum().backward()
    signed = (maps.grad.mean((2, 3), keepdim=True) * maps).sum(1).detach()
    assert_close(grad_cam(net, X, layer="conv1", rectify=False), signed)
    assert signed.min() < 0
    assert_close(grad_cam(net, X, layer="conv1"), signed.clamp(min=0))


def test_an_operation_in_place_behind_the_layer_changes_nothing():
    copy, shared = pooled(), pooled(inplace=True)
    ours = grad_cam(shared, X, 1, layer="0", rectify=False)
    assert_close(ours, grad_cam(copy, X, 1, layer="0", rectify=False))
    first = nn.Sequential(nn.ReLU(inplace=True), *copy)
    grad_cam(first, X, 1, layer="1")


def test_images_of_a_batch_do_not_mix():
    net = resnet18(in_channels=2, width=4, num_classes=5).train()
    together = grad_cam(net, X, [0, 3, 4], layer="stages.1")
    for image, label, found in zip(X, (0, 3, 4), together, strict=True):
        alone = grad_cam(net, image[None], label, layer="stages.1")
        assert_close(alone[0], found)
    assert together.shape == (3, 6, 7)
    assert net.training
    assert all(module.training for module in net.modules())


def test_leaves_no_gradient_and_no_hook_and_needs_no_training():
    model = pooled()
    usual = grad_cam(model, X, 0, layer="1")
    assert all(p.grad is None for p in model.parameters())
    assert not model[1]._forward_hooks
    with torch.no_grad():  # also where gradients are off, or parameters frozen
        assert_close(grad_cam(model.requires_grad_(False), X, 0, layer="1"), usual)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("4", r"must return maps \(N, K, H, W\); it returned shape \(3, 5\)"),
        ("9", r"`layers` \(='9'\) must be one of"),
        ("*", r"must return maps"),
    ],
)
def test_a_layer_has_maps(layer, message):
    with pytest.raises(ValueError, match=message):
        grad_cam(pooled(), X, layer=layer)


class Blind(nn.Module):
    """Scores that come from the image, but not from the convolution."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3)

    def forward(self, x):
        self.conv(x)
        return x.mean((2, 3))


def test_a_layer_without_influence_is_an_error():
    with pytest.raises(ValueError, match=r"`layer` \(='conv'\) has no influence"):
        grad_cam(Blind(), X, layer="conv")
