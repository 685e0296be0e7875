"""Filters against hand-worked numbers, SciPy, scikit-image, and what must hold."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import scipy.ndimage as ndi
import skimage.feature
import skimage.filters
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from cnn_tutorial import filters

IMAGE = torch.tensor(
    [
        [1.0, 2, 3, 0, 1],
        [0, 1, 2, 3, 1],
        [1, 2, 1, 0, 0],
        [2, 1, 0, 1, 1],
        [1, 0, 1, 2, 1],
    ]
)
OPERATORS = {
    "sobel": filters.sobel,
    "scharr": filters.scharr,
    "prewitt": filters.prewitt,
}
KERNELS = {
    "sobel": filters.sobel_kernel,
    "scharr": filters.scharr_kernel,
    "prewitt": filters.prewitt_kernel,
}
RESPONSES = {
    "sobel": lambda x, **kw: filters.sobel(x, 1, **kw),
    "magnitude": filters.gradient_magnitude,
    "gaussian": lambda x, **kw: filters.gaussian(x, 1.3, **kw),
    "dog": lambda x, **kw: filters.dog(x, 0.7, **kw),
    "laplacian": filters.laplacian,
    "log": lambda x, **kw: filters.log(x, 1.3, **kw),
}
SCIPY_BORDERS = ["reflect", "mirror", "nearest", "wrap", "constant"]
each_operator = pytest.mark.parametrize("name", OPERATORS)
each_response = pytest.mark.parametrize("respond", RESPONSES.values(), ids=RESPONSES)
each_border = pytest.mark.parametrize("border", SCIPY_BORDERS)


def random(*shape, seed=0, dtype=torch.float64):
    return torch.rand(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=dtype
    )


def same(ours, theirs, **tolerance):
    assert_close(ours, torch.from_numpy(np.asarray(theirs)), **tolerance)


class TestByHand:
    def test_sobel_on_the_worked_example(self):
        expected = torch.tensor([[6.0, 0, -5], [0, -2, -2], [-4, 0, 1]])
        assert filters.sobel(IMAGE, 1, border="valid").equal(expected)

    def test_magnitude_and_orientation_of_its_first_window(self):
        # Right 6; down (1 + 2*2 + 1) - (1 + 2*2 + 3) = -2.
        magnitude = filters.gradient_magnitude(IMAGE, border="valid")
        assert magnitude[0, 0].item() == pytest.approx(math.sqrt(40))
        angle = filters.orientation(IMAGE, border="valid")
        assert angle[0, 0].item() == pytest.approx(math.atan2(-2, 6))

    @each_operator
    def test_a_ramp_has_slope_one(self, name):
        ramp = torch.arange(7.0).expand(5, 7)
        operator = OPERATORS[name]
        slope = operator(ramp, 1, scale="slope", border="valid")
        assert_close(slope, torch.ones(3, 5))
        assert_close(operator(ramp, 0, scale="slope"), torch.zeros(5, 7))

    @each_operator
    def test_a_step_of_one_gives_one_in_scikit_images_scale(self, name):
        step = torch.tensor([[0.0, 0, 1, 1]]).expand(5, 4)
        response = OPERATORS[name](step, 1, scale="skimage")
        assert_close(response, torch.tensor([[0.0, 1, 1, 0]]).expand(5, 4))

    @pytest.mark.parametrize(
        ("turns", "angle"), [(0, 0.0), (1, -90.0), (2, 180.0), (3, 90.0)]
    )
    def test_orientation_points_to_the_bright_side(self, turns, angle):
        bright_right = torch.arange(5.0).expand(5, 5)
        image = torch.rot90(bright_right, turns)  # counterclockwise: up comes first
        found = filters.orientation(image, border="valid", degrees=True)
        assert_close(found, torch.full((3, 3), angle))

    def test_orientation_of_a_flat_image_is_zero(self):
        assert not filters.orientation(torch.zeros(3, 5)).any()
        assert not filters.orientation(-torch.zeros(3, 5)).any()

    def test_a_gaussian_of_three_numbers(self):
        sigma = 1 / math.sqrt(2 * math.log(4))  # exp(-1 / (2 sigma**2)) is 1/4
        vector = torch.tensor([1.0, 4, 1]) / 6
        kernel = filters.gaussian_kernel(sigma, radius=1)
        assert_close(kernel, torch.outer(vector, vector))

    def test_laplacian_with_diagonals(self):
        expected = torch.tensor([[1.0, 1, 1], [1, -8, 1], [1, 1, 1]])
        corner = 1 + 2 + 3 + 0 + 2 + 1 + 2 + 1 - 8 * 1
        assert filters.laplacian_kernel(8).equal(expected)
        assert filters.laplacian(IMAGE, 8, border="valid")[0, 0] == corner

    def test_log_of_three_numbers(self):
        sigma = 1 / math.sqrt(2 * math.log(4))
        flat = torch.tensor([1.0, 4, 1], dtype=torch.float64) / 6
        # Its variance is 2 * 1/6; (x**2 - 1/3) / sigma**4 at 1 and at 0:
        bent = flat * torch.tensor([2 / 3, -1 / 3, 2 / 3]).double() / sigma**4
        expected = torch.outer(flat, bent) + torch.outer(bent, flat)
        kernel = filters.log_kernel(sigma, radius=1, dtype=torch.float64)
        assert_close(kernel, expected)

    def test_zero_crossings_take_the_pixel_nearer_to_zero(self):
        response = torch.tensor([[-4.0, 3, 3], [-1, 5, 0], [2, 2, -6]])
        expected = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
        assert filters.zero_crossings(response).int().tolist() == expected

    def test_zero_crossings_above_a_threshold(self):
        response = torch.tensor([[-1.0, 2, -2, 0, 3, 0, 3]])
        marks = filters.zero_crossings(response, threshold=3.5)
        assert marks.int().tolist() == [[0, 1, 0, 1, 0, 0, 0]]


class TestOracles:
    @each_border
    @pytest.mark.parametrize("axis", [0, 1])
    def test_scipys_gradients(self, border, axis):
        image = random(11, 13)
        settings = {"axis": axis, "mode": border}
        same(filters.sobel(image, axis, border=border), ndi.sobel(image, **settings))
        same(
            filters.prewitt(image, axis, border=border), ndi.prewitt(image, **settings)
        )

    @each_operator
    @pytest.mark.parametrize("axis", [0, 1])
    def test_scikit_images_gradients(self, name, axis):
        image = random(11, 13)
        theirs = getattr(skimage.filters, name)(image.numpy(), axis=axis)
        same(OPERATORS[name](image, axis, scale="skimage"), theirs)

    @each_operator
    def test_scikit_images_magnitude(self, name):
        image = random(11, 13)
        ours = filters.gradient_magnitude(image, operator=name, scale="skimage")
        same(ours / math.sqrt(2), getattr(skimage.filters, name)(image.numpy()))

    @each_border
    @pytest.mark.parametrize("sigma", [0.5, 1.0, 2.7, 9.0])
    def test_scipys_gaussian_and_log(self, border, sigma):
        image = random(37, 41)  # at sigma 9 narrower than the kernel
        theirs = ndi.gaussian_filter(image, sigma, mode=border)
        same(filters.gaussian(image, sigma, border=border), theirs)
        theirs = ndi.gaussian_laplace(image, sigma, mode=border)
        ours = filters.log(image, sigma, border=border, zero_sum=False)
        same(ours, theirs)

    def test_scikit_images_gaussian(self):
        image = random(23, 29)
        theirs = skimage.filters.gaussian(image.numpy(), 2.0)
        same(filters.gaussian(image, 2.0, border="nearest"), theirs)

    @each_border
    def test_scipys_laplace(self, border):
        image = random(11, 13)
        same(filters.laplacian(image, border=border), ndi.laplace(image, mode=border))

    @pytest.mark.parametrize("height", [1, 31, 32, 33, 64, 67])
    def test_blocks_of_rows_leave_no_seam(self, height):
        image = random(height, 7)
        same(filters.gaussian(image, 1.0), ndi.gaussian_filter(image, 1.0))

    @pytest.mark.parametrize("make", [filters.gaussian_kernel, filters.log_kernel])
    def test_responses_are_what_the_kernels_give(self, make):
        image = random(29, 31)
        kernel = make(1.7, dtype=torch.float64)
        respond = filters.gaussian if make is filters.gaussian_kernel else filters.log
        same(respond(image, 1.7), ndi.correlate(image, kernel))

    def test_dog_is_what_its_kernel_gives(self):
        image = random(29, 31)
        kernel = filters.dog_kernel(1.2, 1.5, radius=5, dtype=torch.float64)
        same(filters.dog(image, 1.2, 1.5, radius=5), ndi.correlate(image, kernel))

    @given(
        size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
        sigma=st.floats(0.3, 4),
        border=st.sampled_from(SCIPY_BORDERS),
        dtype=st.sampled_from([torch.float32, torch.float64]),
    )
    def test_scipys_log_everywhere(self, size, sigma, border, dtype):
        image = random(*size, dtype=dtype)
        theirs = ndi.gaussian_laplace(image.numpy(), sigma, mode=border)
        ours = filters.log(image, sigma, border=border, zero_sum=False)
        assert ours.dtype == dtype
        same(ours, theirs, rtol=1e-4, atol=1e-4 / sigma**2)


class TestWhatMustHold:
    @each_operator
    @pytest.mark.parametrize("scale", filters.SCALES)
    def test_gradients_sum_to_zero_have_rank_one_and_turn(self, name, scale):
        make = KERNELS[name]
        right, down = (make(axis, scale=scale, dtype=torch.float64) for axis in (1, 0))
        assert right.sum() == 0
        assert torch.linalg.matrix_rank(right) == 1
        assert down.equal(right.T)
        assert right.flip(1).equal(-right)
        assert torch.rot90(right, -1).equal(down)  # clockwise, right becomes down

    @pytest.mark.parametrize("sigma", [0.8, 2.0, 5.0])
    def test_gaussians_are_symmetric_of_rank_one_and_sum_to_one(self, sigma):
        kernel = filters.gaussian_kernel(sigma, dtype=torch.float64)
        assert_close(kernel.sum().item(), 1.0)
        assert torch.linalg.matrix_rank(kernel) == 1
        assert torch.rot90(kernel).equal(kernel)

    @pytest.mark.parametrize("sigma", [0.8, 2.0, 5.0])
    @pytest.mark.parametrize("radius", [None, 3, 15])
    def test_log_is_symmetric_of_rank_two_and_sums_to_zero(self, sigma, radius):
        kernel = filters.log_kernel(sigma, radius=radius, dtype=torch.float64)
        assert abs(kernel.sum().item()) < 1e-12
        assert torch.linalg.matrix_rank(kernel) == 2
        assert torch.rot90(kernel).equal(kernel)
        assert kernel.argmin() == kernel.numel() // 2

    def test_without_correction_the_sum_is_not_zero(self):
        kernel = filters.log_kernel(2.0, zero_sum=False, dtype=torch.float64)
        assert abs(kernel.sum().item()) > 1e-4
        flat = torch.ones(23, 29, dtype=torch.float64)
        assert_close(filters.log(flat, 2.0), torch.zeros_like(flat))
        assert filters.log(flat, 2.0, zero_sum=False).abs().min() > 1e-4

    def test_dog_approaches_the_normalised_log(self):
        kernel = filters.log_kernel(3.0, radius=20, dtype=torch.float64) * 9
        gaps = []
        for ratio in (1.6, 1.1, 1.01):
            close = filters.dog_kernel(3.0, ratio, radius=20, dtype=torch.float64)
            gaps.append((close / (ratio - 1) - kernel).abs().max() / kernel.abs().max())
        assert gaps[0] > 3 * gaps[1] > 9 * gaps[2]
        assert gaps[2] < 0.04

    def test_a_disc_answers_most_at_its_own_scale(self):
        far = torch.arange(-60, 61, dtype=torch.float64)
        radius = 17.0
        # Pixels at the rim count by the part of them that is inside.
        disc = (radius + 0.5 - torch.hypot(far[:, None], far)).clamp(0, 1)
        sigmas = torch.linspace(8, 16, 81, dtype=torch.float64)
        answers = torch.tensor(
            [filters.log(disc, s, normalized=True)[60, 60] for s in sigmas.tolist()]
        )
        best = sigmas[answers.argmin()].item()
        assert best == pytest.approx(radius / math.sqrt(2), rel=0.01)
        assert answers.min().item() == pytest.approx(-2 / math.e, rel=0.01)

    @each_response
    def test_planes_do_not_see_each_other(self, respond):
        images = random(2, 3, 11, 13)
        each = [respond(image) for image in images.flatten(0, 1)]
        assert_close(respond(images), torch.stack(each).reshape(images.shape))

    @each_response
    def test_a_turned_image_gives_a_turned_response(self, respond):
        image = random(11, 13)
        if respond is RESPONSES["sobel"]:
            turned = filters.sobel(torch.rot90(image, -1), 0)
        else:
            turned = respond(torch.rot90(image, -1))
        assert_close(turned, torch.rot90(respond(image), -1))

    @each_response
    def test_responses_keep_the_dtype(self, respond):
        for dtype in (torch.float32, torch.bfloat16):
            assert respond(IMAGE.to(dtype)).dtype == dtype

    @each_response
    def test_responses_can_be_differentiated(self, respond):
        image = random(5, 7).requires_grad_()
        assert torch.autograd.gradcheck(respond, image)

    def test_the_magnitude_of_a_flat_image_has_gradient_zero(self):
        image = torch.ones(5, 7, requires_grad=True)
        filters.gradient_magnitude(image).sum().backward()
        assert image.grad.equal(torch.zeros(5, 7))

    @each_response
    def test_valid_is_the_part_that_needs_no_border(self, respond):
        image = random(23, 29)
        settings = {"radius": 4} if respond is RESPONSES["dog"] else {}
        inner = respond(image, border="valid", **settings)
        cut = (len(image) - len(inner)) // 2
        assert cut > 0
        assert_close(inner, respond(image, **settings)[cut:-cut, cut:-cut])


REFUSED = {
    "array": (np.zeros((5, 7)), "must be a tensor, not ndarray"),
    "bytes": (torch.zeros(5, 7, dtype=torch.uint8), "(torch.uint8) must be floats"),
    "bytes, what to do": (torch.zeros(5, 7, dtype=torch.uint8), "by `/ 255`"),
    "16 bits": (torch.zeros(5, 7, dtype=torch.int16), "65535 for 16"),
    "mask": (torch.zeros(5, 7, dtype=torch.bool), "`.float()`"),
    "complex": (torch.zeros(5, 7, dtype=torch.complex64), "must be real"),
    "no rows": (torch.zeros(7), "(shape (7,)) must have rows and columns"),
    "empty": (torch.zeros(0, 7), "(shape (0, 7)) must have rows and columns"),
    "colour last": (torch.zeros(11, 13, 3), "channels last"),
}


class TestBadInput:
    @each_response
    @pytest.mark.parametrize(("image", "rule"), REFUSED.values(), ids=REFUSED)
    def test_images(self, respond, image, rule):
        with pytest.raises(ValueError, match=r"`image` .*" + re.escape(rule)):
            respond(image)

    def test_responses(self):
        with pytest.raises(ValueError, match=r"`response` .*must be floats"):
            filters.zero_crossings(torch.zeros(5, 7, dtype=torch.int64))
        with pytest.raises(ValueError, match=r"`threshold` \(=-1\)"):
            filters.zero_crossings(torch.zeros(5, 7), threshold=-1)

    @pytest.mark.parametrize("sigma", [0, -1.0, math.nan, math.inf, "2", True, None])
    def test_sigma(self, sigma):
        problem = re.escape(f"`sigma` (={sigma!r}) must be a positive number.")
        for make in (filters.gaussian_kernel, filters.log_kernel, filters.dog_kernel):
            with pytest.raises(ValueError, match=problem):
                make(sigma)
        for respond in (filters.gaussian, filters.log, filters.dog):
            with pytest.raises(ValueError, match=problem):
                respond(IMAGE, sigma)

    def test_other_arguments(self):
        for call, problem in {
            lambda: filters.sobel(IMAGE, 2): "`axis` (=2) must be 0",
            lambda: filters.sobel_kernel(True): "`axis` (=True) must be 0",
            lambda: filters.sobel(IMAGE, 0, scale="8"): "`scale` (='8')",
            lambda: filters.gradient(IMAGE, operator="canny"): "`operator` (='canny')",
            lambda: filters.gaussian(IMAGE, 1, border="zeros"): "`border` (='zeros')",
            lambda: filters.gaussian_kernel(1, radius=0): "`radius` (=0)",
            lambda: filters.gaussian(IMAGE, 1, border="valid"): "2*4 + 1 = 9",
            lambda: filters.dog_kernel(1, 1.0): "`ratio` (=1.0) must be more than 1",
            lambda: filters.dog(IMAGE, 1, border="valid"): "`radius` must be given",
            lambda: filters.laplacian_kernel(6): "`neighbors` (=6) must be 4 or 8",
        }.items():
            with pytest.raises(ValueError, match=re.escape(problem)):
                call()
