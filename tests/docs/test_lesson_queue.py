"""Who runs beside whom."""

from __future__ import annotations

import threading
import time

import pytest

from lesson_queue import LessonQueue


class Machine:
    """Runs pages that last until :meth:`finish`; knows who ran beside whom."""

    def __init__(self, pages, alone=(), places=2, failing=()):
        self.stop = threading.Event()
        self.done = {page: threading.Event() for page in pages}
        self.now, self.most, self.order = set(), {}, []
        self.failing, self.threads = failing, {}
        self.lock = threading.Lock()
        self.queue = LessonQueue(pages, set(alone), places, 3, self.run, self.stop)

    def run(self, page, threads):
        with self.lock:
            self.now.add(page)
            self.order.append(page)
            self.threads[page] = threads
            for other in self.now:
                self.most.setdefault(other, set()).update(self.now)
        while not self.done[page].wait(0.01):
            if self.stop.is_set():
                break
        with self.lock:
            self.now.remove(page)
        if page in self.failing:
            raise ValueError(page)
        return page.upper()

    def finish(self, *pages):
        for page in pages or self.done:
            self.done[page].set()

    def runs(self, *pages):
        for _ in range(6_000):  # A busy machine may take its time to start a thread.
            if self.now == set(pages):
                return True
            time.sleep(0.01)
        return False

    def ask(self, page):
        """Ask in a thread; return it and what it will have got."""
        got = []
        thread = threading.Thread(target=lambda: got.append(self.queue.result(page)))
        thread.start()
        return thread, got


def test_the_next_page_runs_beside_the_one_that_is_due():
    machine = Machine("abcd")
    thread, got = machine.ask("a")
    assert machine.runs("a", "b")
    machine.finish("b")
    assert machine.runs("a", "c")
    assert not got
    machine.finish("a")
    thread.join()
    assert got == ["A"]
    machine.finish()
    assert [machine.queue.result(page) for page in "bcd"] == ["B", "C", "D"]
    assert sorted(machine.order) == list("abcd")
    assert max(len(beside) for beside in machine.most.values()) >= 2
    assert set(machine.threads.values()) == {3}


def test_pages_alone_run_beside_none_and_one_after_the_other():
    machine = Machine("abcde", alone="bd")
    thread, _ = machine.ask("a")
    assert machine.runs("a", "c")
    machine.finish("a")
    thread.join()
    thread, got = machine.ask("b")
    machine.finish("c", "e")
    assert machine.runs("b")
    machine.finish("b")
    assert machine.runs("d")
    assert not got
    machine.finish("d")
    thread.join()
    assert got == ["B"]
    assert [machine.queue.result(page) for page in "cde"] == ["C", "D", "E"]
    assert machine.most["b"] == {"b"}
    assert machine.most["d"] == {"d"}
    assert (machine.threads["b"], machine.threads["e"]) == (0, 3)


def test_one_place_runs_one_page_at_a_time():
    machine = Machine("abc", places=1)
    machine.finish()
    assert [machine.queue.result(page) for page in "abc"] == ["A", "B", "C"]
    assert machine.order == list("abc")
    assert all(len(beside) == 1 for beside in machine.most.values())


def test_a_failure_ends_the_others_and_is_raised_at_once():
    machine = Machine("abc", failing="b")
    machine.finish("b")
    with pytest.raises(ValueError, match="b"):
        machine.queue.result("a")
    assert machine.stop.is_set()
    assert machine.runs()


def test_a_page_that_nobody_announced_runs_too():
    machine = Machine("ab")
    machine.done["z"] = threading.Event()
    machine.finish()
    assert machine.queue.result("z") == "Z"
    assert "z" not in machine.queue
