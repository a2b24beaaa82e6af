"""Many browsers that tell what they see, without a pause, until they are called home."""

from __future__ import annotations

import time
from collections import Counter
from threading import Event, Thread

from tests.load.browser import Browser
from tests.load.process import until


class Crowd:
    """A context: inside it the load is on; at its end everything that was begun is acknowledged.

    ``batch``: events per request. ``stay``: after so many batches a browser goes, and one without a cookie takes its
    place. ``most``: how many batches are told in each of these places, so that nothing grows without end.
    """

    def __init__(self, port, *, places=8, batch=50, stay=1000, most=1000):
        self.browsers = []
        self._port, self._batch, self._stay, self._most = port, batch, stay, most
        self._home, self._errors = Event(), []
        self._threads = [Thread(target=self._fill, daemon=True) for _ in range(places)]

    def __enter__(self):
        for (
            browser
        ) in self.browsers:  # the first answer brings the cookie by which the shop knows a browser again
            browser.tell(browser.views(1))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *exc_info):
        self._home.set()
        for thread in self._threads:
            thread.join(30)
        if kind is None and self._errors:
            raise self._errors[0]

    def __len__(self):
        """How many events are acknowledged so far."""
        return sum(len(browser.acknowledged) for browser in self.browsers)

    def work(self, seconds):
        """Let the load go on for a while, from the next acknowledgement on."""
        before = len(self)
        until(lambda: len(self) > before or self._errors, "an acknowledgement")
        time.sleep(seconds)

    @property
    def replies(self):
        return sum((browser.replies for browser in self.browsers), Counter())

    @property
    def verdicts(self):
        return sum((browser.verdicts for browser in self.browsers), Counter())

    @property
    def seconds(self):
        """How long every request took, shortest first."""
        return sorted(second for browser in self.browsers for second in browser.seconds)

    def _fill(self):
        """One place: browser after browser."""
        try:
            for first in range(0, self._most, self._stay):
                if self._home.is_set():
                    break
                self._roam(min(self._stay, self._most - first))
        except Exception as error:  # noqa: BLE001 - raised where the crowd is called home
            self._errors.append(error)

    def _roam(self, batches):
        with Browser(self._port) as browser:
            self.browsers.append(browser)
            for _ in range(batches):
                if self._home.is_set():
                    break
                browser.tell(browser.views(self._batch))
