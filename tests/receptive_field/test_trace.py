"""Fields of whole models: by hand, what is refused, and how they look."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from cnn_tutorial import models
from cnn_tutorial.receptive_field import receptive_field, trace_fields
from field_zoo import SIZE, ZOO


def test_lenet_by_hand():
    trace = trace_fields(models.LeNet(), (1, 32, 32))
    found = [(r.name, r.type, r.field.size[0], r.field.stride[0]) for r in trace.rows]
    assert found[:4] == [
        ("conv1", "Conv2d", 3, 1),
        ("", "max_pool2d", 4, 2),
        ("conv2", "Conv2d", 8, 2),
        ("", "max_pool2d", 10, 4),
    ]
    assert trace["conv2"].offset == (3.5, 3.5)
    # Six positions, 4 apart, of 10 pixels each: 5*4 + 10 = 30. Both poolings drop what
    # is left over, so that no output sees the last two rows and columns.
    assert trace["fc1"].interval((0, 0)) == ((0, 29), (0, 29))
    assert not trace["fc1"].whole
    assert trace.output.fixed


@pytest.mark.parametrize(
    ("name", "side", "layer", "size"),
    [
        # Araujo, Norris and Sim, Distill 2019, table of well-known networks.
        ("alexnet", 224, "features", 195),
        ("vgg16", 224, "features", 212),
        ("inception_v3", 299, "Mixed_7c", 1311),
        # 7, 11 after the pooling, + 4*2*4, + 2*4 + 3*2*8, + 2*8 + 3*2*16, + 2*16 +
        # 3*2*32.
        ("resnet18", 224, "layer4", 435),
        # 4, then 18 blocks of 7 x 7 in 4 stages, with 2 x 2 windows between them.
        ("convnext_tiny", 224, "features", 4 + 72 + 4 + 144 + 8 + 9 * 96 + 16 + 576),
    ],
)
def test_published_networks(name, side, layer, size):
    with torch.device("meta"):
        settings = {"init_weights": False} if name == "inception_v3" else {}
        model = getattr(torchvision.models, name)(weights=None, **settings)
    trace = trace_fields(model, (3, side, side))
    assert trace[layer].size == (size, size)
    assert trace.output.whole


def test_branches_are_united():
    trace = trace_fields(ZOO["inception"](), SIZE)
    # 5 x 3 is the largest branch, also along the other axis: 3 from the 3 x 3 branch.
    assert trace["0"].size == (5, 3)
    assert trace["0.one"].size == (1, 1)
    assert trace["1"].size == (6, 4)
    assert trace["2"].size == (6 + 4 * 2, 4 + 2 * 2)


def test_branches_that_look_elsewhere_make_gaps_that_count():
    class Two(nn.Module):
        def forward(self, x):
            return F.pad(x, (4, 0, 0, 0)) + F.pad(x, (0, 4, 0, 0))

    trace = trace_fields(Two(), SIZE)
    assert trace.output.size == (1, 5)
    assert trace.output.interval((0, 7)) == ((0, 0), (3, 7))


@pytest.mark.parametrize("name", ["gate", "pool head", "instance norm", "norms"])
def test_whole_image(name):
    output = trace_fields(ZOO[name](), SIZE).output
    assert output.whole
    assert str(output) == "whole image"
    assert output.interval((0, 0)) == ((0, 22), (0, 28))


def test_small_cases_of_joins_and_pieces():
    def field(function, size=SIZE):
        return trace_fields(Calls(function), size).output

    pieces = field(lambda x: x.split([5, 7, 11], dim=2)[2])
    assert pieces.interval((0, 0)) == ((11, 13), (-1, 1))
    assert field(lambda x: F.layer_norm(x, [4, 23, 29])).whole
    assert field(lambda x: F.layer_norm(x, [29])).axes[1].fixed
    assert not field(lambda x: F.layer_norm(x, [29])).axes[0].fixed
    # All see row 0 and what lies above and below it, so together the whole image.
    assert field(lambda x: x + x[:, :, :1]).axes[0].at(0) == (0, 22)


def test_strides_of_single_numbers_do_not_matter():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.two, self.three = nn.Conv2d(1, 1, 5, 2), nn.Conv2d(1, 1, 3, 3)

        def forward(self, x):
            return F.avg_pool2d(self.two(x) + self.three(x), 1)

    output = trace_fields(Two(), (1, 5, 5)).output
    assert (output.size, output.stride) == ((5, 5), (3, 3))


def test_attention_sees_everything():
    class Attend(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
            self.stem = nn.Conv2d(3, 4, 4, 4)

        def forward(self, x):
            rows = self.stem(x).flatten(2).transpose(1, 2)
            return self.attention(rows, rows, rows)[0] + rows

    trace = trace_fields(Attend(), (3, 8, 12))
    assert trace["stem"].size == (4, 4)
    assert trace.output.whole


def test_resize_makes_steps_of_less_than_a_pixel():
    trace = trace_fields(nn.Upsample(scale_factor=2), SIZE)
    assert trace.output.stride == (Fraction(1, 2), Fraction(1, 2))
    assert [trace.output.interval((i, 0))[0] for i in range(4)] == [
        (0, 0),
        (0, 0),
        (1, 1),
        (1, 1),
    ]


def test_adaptive_windows_vary():
    trace = trace_fields(nn.AdaptiveAvgPool2d(3), (1, 5, 9))
    rows = [trace.output.interval((i, 0))[0] for i in range(3)]
    assert rows == [(0, 1), (1, 3), (3, 4)]  # floor(5i/3) to ceil(5(i + 1)/3) - 1
    assert trace.output.size == (3, 3)


@pytest.mark.parametrize("axes", [1, 3])
def test_other_numbers_of_axes(axes):
    conv, pool = [(nn.Conv1d, nn.MaxPool1d), (), (nn.Conv3d, nn.MaxPool3d)][axes - 1]
    net = nn.Sequential(conv(1, 1, 3), pool(2), conv(1, 1, 3))
    trace = trace_fields(net, (1, *[17] * axes))
    assert trace.output.size == (8,) * axes
    assert trace.output.stride == (2,) * axes


def test_a_sequence_traced_is_the_recursion():
    net = nn.Sequential(nn.Conv2d(3, 2, 5, 2, 1), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    assert trace_fields(net, SIZE).output.axes == receptive_field(net).axes


def test_all_activations_look_at_one_pixel():
    for name in torch.nn.modules.activation.__all__:
        kind = getattr(nn, name)
        if kind in (nn.MultiheadAttention, nn.Softmax, nn.Softmin, nn.LogSoftmax):
            continue
        settings = {nn.Threshold: (0, 0), nn.GLU: (1,)}.get(kind, ())
        field = trace_fields(kind(*settings), (2, 5, 7)).output
        assert field.size == (1, 1), name


def test_the_model_is_left_as_it_is():
    torch.manual_seed(0)
    model = models.LeNet().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    trace_fields(model, (1, 32, 32))
    assert model.training
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert not any(m._forward_hooks for m in model.modules())


def test_table():
    trace = trace_fields(ZOO["residual"](), SIZE)
    lines = str(trace).splitlines()
    assert lines[0].split()[:5] == ["layer", "type", "output", "field", "stride"]
    # The shortcut sees 1 pixel, the way through two convolutions 3 + 2*2.
    words = " ".join(lines[-4].split())
    assert words == "in forward add 1 × 5 × 12 × 15 7 2 0"
    page = trace._repr_html_()
    assert page.count("<tr") == len(trace.rows) + 2
    assert "Residual" in page
    assert 'tabindex="0"' in page


def test_names_are_looked_up():
    trace = trace_fields(models.LeNet(), (1, 32, 32))
    with pytest.raises(KeyError, match="Did you mean 'conv1'"):
        trace["conv_1"]


class Calls(nn.Module):
    """A layer, and a function of our choice after it."""

    def __init__(self, function):
        super().__init__()
        self.conv, self.function = nn.Conv2d(3, 4, 3, padding=1), function

    def forward(self, x):
        return self.function(self.conv(x))


def painted(x):
    canvas = torch.zeros(1, 4, 23, 29)
    canvas[:, :, 3:] = x[:, :, 3:]
    return canvas + 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x.flip(3), "`flip` in `forward` moves the pixels of an axis of the"),
        (lambda x: x.roll(1, 2), "`roll` in `forward` moves the pixels"),
        (lambda x: torch.fft.fft2(x).real, "`fft_[cr]2c` in `forward` is not known"),
        (lambda x: x if x.sum() > 0 else -x, "the way depends on the image"),
        (lambda x: x[x > 0], "depends on the image|is not known"),
        (
            lambda x: x + x[:, :, :1, :1] + x.transpose(2, 3)[:, :, :23, :1],
            "differently",
        ),
        (
            lambda x: F.pad(x, (1, 1, 1, 1), mode="circular") + 1,
            "written in parts",
        ),
        (painted, "written in parts"),
        (
            lambda x: F.max_pool2d(x, 2)[:, :, :5, :5] + x[:, :, :5, :5],
            r"`add` in `forward` joins branches whose strides disagree \(1 and 2\)",
        ),
        (lambda x: torch.cat([x, x], 2), "side by side along an axis of the image"),
        (lambda x: F.conv2d(x, x[:, :, :3, :3]), "weights that depend on the image"),
        (lambda x: x[:, :, :22].reshape(1, 4, 11, 2, 29), "into pieces"),
        (
            lambda x: F.conv_transpose2d(x, torch.zeros(4, 1, 2, 2), stride=3),
            "read noth",
        ),
        (lambda x: torch.ones(3), "returns nothing that depends on its input"),
        (lambda x: F.linear(x, torch.zeros(2, 5)), "does not run on an input of shape"),
    ],
)
def test_what_is_refused(function, message):
    with pytest.raises(ValueError, match=message):
        trace_fields(Calls(function), SIZE)


def test_the_layer_is_named():
    net = nn.Sequential(nn.Conv2d(3, 3, 3), nn.Sequential(Calls(lambda x: x.flip(2))))
    with pytest.raises(ValueError, match=r"`flip` in `1.0` \(Calls\)"):
        trace_fields(net, SIZE)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((3,), "must be the shape of one sample"),
        (32, "must be the shape of one sample"),
        ((3, 0, 5), r"`input_size` \(=0\) must be at least 1"),
        ((3, 5, 7.5), "must be an integer"),
        ((1, 5, 7), "does not run on an input of shape"),
    ],
)
def test_bad_sizes(size, message):
    with pytest.raises(ValueError, match=message):
        trace_fields(nn.Conv2d(3, 2, 3), size)


def test_lazy_layers_are_refused():
    with pytest.raises(ValueError, match="lazy layers"):
        trace_fields(nn.LazyConv2d(2, 3), SIZE)
