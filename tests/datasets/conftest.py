"""Fixtures of the data sets' tests."""

from __future__ import annotations

import socket

import pytest

from fake_datasets import fake_root, full_data

__all__ = ["fake_root", "full_data", "no_network"]


@pytest.fixture
def no_network(monkeypatch):
    """Fail whatever tries to connect, even to look up a name."""

    def refuse(*args, **kwargs):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
