"""Several pages at a time: those that come next run while one is waited for.

Sphinx-Gallery asks for its pages one after the other. When it asks for the first, the
next ones are started too, as many as there are places; what they give is kept until it
is asked for. Pages that measure time have the machine to themselves, one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Generic, TypeVar

T = TypeVar("T")


class LessonQueue(Generic[T]):
    """Pages in the order in which they will be asked for.

    Parameters
    ----------
    pages : names, in that order
    alone : of them, those that share the machine with no other
    places : how many others run at a time
    threads : of PyTorch's operators in each page; 0 leaves the number to PyTorch
    run : from a page and its threads to what it gave; called in threads of its own
    stop : is set to end the pages that run, when one has failed
    """

    def __init__(
        self,
        pages: Sequence[str],
        alone: set[str],
        places: int,
        threads: int,
        run: Callable[[str, int], T],
        stop: threading.Event,
    ) -> None:
        self.coming = list(pages)
        self.alone = alone
        self.places = places
        self.threads = threads
        self.run = run
        self.stop = stop
        self.started: dict[str, Future[T]] = {}

    def __contains__(self, page: str) -> bool:
        """Whether a page was started and has not been asked for."""
        return page in self.started

    def result(self, page: str) -> T:
        """Return what a page gave; start what comes next while it runs.

        Parameters
        ----------
        page : name

        Raises
        ------
        Exception
            What `run` raised for this page, or for one that runs beside it.
        """
        try:
            self._finish(page)
        except BaseException:  # Ctrl+C, too.
            self.stop.set()
            wait(self.started.values())
            raise
        return self.started.pop(page).result()

    def _finish(self, page: str) -> None:
        if page in self:
            self._drain(page)
        elif page in self.alone:
            self._drain()
            # All of them now: the machine has to come to rest only once.
            for each in [page, *(p for p in self.coming if p in self.alone - {page})]:
                self._start(each, 0)
                self._drain()
        else:
            self._start(page, self.threads)
            self._drain(page)

    def _drain(self, page: str = "") -> None:
        """Wait until a page is done and others run on, or until all are done."""
        while True:
            if page:
                self._fill()
            left = [future for future in self.started.values() if not future.done()]
            for future in self.started.values():
                if future.done():
                    future.result()  # A failure ends the build, whoever is due.
            if not left or (page and self.started[page].done()):
                break
            wait(left, return_when=FIRST_COMPLETED)

    def _fill(self) -> None:
        busy = sum(not future.done() for future in self.started.values())
        ready = [page for page in self.coming if page not in self.alone]
        for page in ready[: max(0, self.places - busy)]:
            self._start(page, self.threads)

    def _start(self, page: str, threads: int) -> None:
        self.coming = [other for other in self.coming if other != page]
        future: Future[T] = Future()
        self.started[page] = future

        def work() -> None:
            try:
                future.set_result(self.run(page, threads))
            except BaseException as error:  # It belongs to who asks for the page.
                future.set_exception(error)

        # A process that ends waits for none of them; their children end with it.
        threading.Thread(target=work, name=page, daemon=True).start()
