"""Right answers about sizes that are written in another way than the solution."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check


def test_output_size_by_listing_the_places():
    def count(n, k, s=1, p=0, d=1):
        starts = range(-p, n + p, s)
        return sum(start + d * (k - 1) < n + p for start in starts)

    assert check("output_size", count).status == Status.RIGHT


def test_output_size_by_a_layer():
    def ask(size, kernel_size, stride=1, padding=0, dilation=1):
        layer = nn.Conv1d(1, 1, kernel_size, stride, padding, dilation)
        return layer(torch.zeros(1, 1, size)).shape[-1]

    assert check("output_size", ask).status == Status.RIGHT


def test_pooled_size_by_listing_the_windows():
    def count(n, k, s=None, p=0, ceil_mode=False):
        starts = range(-p, n + p, s or k)
        if ceil_mode:
            # The first may not be dropped; each later one needs its predecessor to
            # have left something of the padded row unread, or the stride a gap.
            row, step = n + p, s or k
            fits = sum(start + k <= row for start in starts)
            more = fits * step - p < n and (fits - 1) * step - p + k < row
            return fits + more
        return sum(start + k <= n + p for start in starts)

    assert check("pooled_size", count).status == Status.RIGHT


def test_pooled_size_by_a_layer():
    def ask(size, kernel_size, stride=None, padding=0, ceil_mode=False):
        layer = nn.MaxPool1d(kernel_size, stride, padding, ceil_mode=ceil_mode)
        return layer(torch.zeros(1, 1, size)).shape[-1]

    assert check("pooled_size", ask).status == Status.RIGHT


def test_flat_features_by_layers():
    def ask(input_size, layers):
        net, channels = nn.Sequential(), input_size[0]
        for out, k, s, p in layers:
            if out is None:
                net.append(nn.MaxPool2d(k, s, p))
            else:
                net.append(nn.Conv2d(channels, out, k, s, p))
                channels = out
        return net(torch.zeros(1, *input_size)).flatten(1).shape[1]

    assert check("flat_features", ask).status == Status.RIGHT


def test_needed_output_padding_by_asking_the_layer():
    def ask(size, kernel_size, stride=1, padding=0, dilation=1):
        x = torch.zeros(1, 1, size)
        down = nn.Conv1d(1, 1, kernel_size, stride, padding, dilation)
        up = nn.ConvTranspose1d(1, 1, kernel_size, stride, padding, dilation=dilation)
        return size - up(down(x)).shape[-1]

    assert check("needed_output_padding", ask).status == Status.RIGHT


def test_conv_transpose_by_zeros_between_the_numbers():
    def enlarge(x, w, s=1, p=0):
        n, c, height, width = x.shape
        wide = x.new_zeros(n, c, (height - 1) * s + 1, (width - 1) * s + 1)
        wide[:, :, ::s, ::s] = x
        kh, kw = w.shape[2:]
        wide = F.pad(wide, (kw - 1, kw - 1, kh - 1, kh - 1))
        out = F.conv2d(wide, w.flip(2, 3).transpose(0, 1))
        return out[:, :, p : out.shape[2] - p, p : out.shape[3] - p]

    assert check("conv_transpose", enlarge).status == Status.RIGHT


def test_conv_transpose_by_the_gradient():
    def pull_back(x, weight, stride=1, padding=0):
        rows, columns = (
            (n - 1) * stride - 2 * padding + k
            for n, k in zip(x.shape[2:], weight.shape[2:], strict=True)
        )
        image = torch.zeros(len(x), weight.shape[1], rows, columns, requires_grad=True)
        out = F.conv2d(image, weight, stride=stride, padding=padding)
        (result,) = torch.autograd.grad(out, image, x, create_graph=True)
        return result

    assert check("conv_transpose", pull_back).status == Status.RIGHT
