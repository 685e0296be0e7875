"""Profiles, roles and devices."""

from __future__ import annotations

import pytest
import torch

from cnn_tutorial import datasets, profiles


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("smoke", "digits", "digits"),
        ("smoke", "grey", "fashion-sample"),
        ("smoke", "colour", "photo-patches"),
        ("docs", "digits", "digits"),
        ("docs", "grey", "fashion-sample"),
        ("docs", "colour", "photo-patches"),
        ("full", "digits", "mnist"),
        ("full", "grey", "fashion-mnist"),
        ("full", "colour", "cifar10"),
    ],
)
def test_roles(monkeypatch, name, role, expected):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", name)
    assert profiles.current().name == name
    assert profiles.current().dataset(role) == expected


def test_every_profile_names_data_sets_that_exist(monkeypatch):
    for name in profiles.PROFILES:
        monkeypatch.setenv("CNN_TUTORIAL_PROFILE", name)
        names = {profiles.current().dataset(role) for role in profiles.ROLES}
        assert names <= set(datasets.list_datasets())


@pytest.mark.parametrize("value", [None, "", "  "])
def test_default_profile(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("CNN_TUTORIAL_PROFILE", raising=False)
    else:
        monkeypatch.setenv("CNN_TUTORIAL_PROFILE", value)
    assert profiles.current().name == "docs"


@pytest.mark.parametrize(("name", "value"), [("smoke", 1), ("docs", 2), ("full", 3)])
def test_pick(monkeypatch, name, value):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", name)
    assert profiles.current().pick(smoke=1, docs=2, full=3) == value


def test_unknown_profile_lists_the_known_ones(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "ful")
    with pytest.raises(
        ValueError, match=r"'smoke', 'docs', 'full'.*mean 'full'"
    ) as caught:
        profiles.current()
    assert "CNN_TUTORIAL_PROFILE" in str(caught.value)


def test_unknown_role_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"`role` .*'digits', 'grey', 'colour'"):
        profiles.current().dataset("gray")


def test_override_of_one_role_only(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_GREY", "fashion-mnist")
    profile = profiles.current()
    assert [profile.dataset(role) for role in profiles.ROLES] == [
        "digits",
        "fashion-mnist",
        "photo-patches",
    ]


def test_device_is_the_best_there_is(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert profiles.device() == torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert profiles.device() == torch.device("mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert profiles.device() == torch.device("cpu")


def test_device_that_is_set(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name in ("cpu", "cuda", "cuda:1"):
        monkeypatch.setenv("CNN_TUTORIAL_DEVICE", name)
        assert profiles.device() == torch.device(name)


@pytest.mark.parametrize("name", ["cuda:2", "gpu", "cpu:0:1"])
def test_device_that_is_not_there(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("CNN_TUTORIAL_DEVICE", name)
    with pytest.raises(ValueError, match=r"CNN_TUTORIAL_DEVICE.*'cuda:1'.*'cpu'"):
        profiles.device()
