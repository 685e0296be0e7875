from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request

import pytest

import site_server


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text("<h1>é</h1>", encoding="utf-8")
    for name in ("film.webp", "player.mjs", "a.whl", "style.css"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.fixture
def address(site):
    server = site_server.make_server(site, 0, quiet=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/film.webp", "image/webp"),
        ("/player.mjs", "text/javascript"),
        ("/style.css", "text/css"),
        ("/a.whl", "application/zip"),
    ],
)
def test_types_and_no_cache(address, path, kind):
    with urllib.request.urlopen(address + path) as answer:
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_not_there_is_404(address):
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(address + "/nothing.html")
    caught.value.close()


def test_only_this_machine_is_served(site):
    with site_server.make_server(site, 0) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_a_taken_port_is_passed_over(site, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(site_server, "FIRST_PORT", port)
        with site_server.make_server(site) as server:
            assert port < server.server_port < port + site_server.TRIES
        with pytest.raises(OSError, match="in use"):
            site_server.make_server(site, port)


def test_no_site_is_said_in_one_line(tmp_path, capsys):
    assert site_server.main([str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "nox -s docs" in said


def test_ctrl_c_ends_it(site, monkeypatch, capsys):
    def interrupt(server):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        site_server.ThreadingHTTPServer, "serve_forever", interrupt, raising=True
    )
    assert site_server.main([str(site), "0"]) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


def test_requests_are_logged_unless_quiet(site, capsys):
    for quiet in (False, True):
        server = site_server.make_server(site, 0, quiet=quiet)
        threading.Thread(target=server.handle_request).start()
        address = f"http://127.0.0.1:{server.server_port}/style.css"
        urllib.request.urlopen(address).close()
        server.server_close()
        assert ("/style.css" in capsys.readouterr().err) is not quiet
