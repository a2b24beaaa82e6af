import io

import pytest
from django.core.management.base import OutputWrapper

from personalization.management.progress import ProgressBar


class Screen(io.StringIO):
    def __init__(self, *, terminal):
        super().__init__()
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.fixture
def bar():
    seconds = [0.0]

    def make(*, terminal):
        screen = Screen(terminal=terminal)
        return ProgressBar(OutputWrapper(screen), clock=lambda: seconds[0]), screen, seconds

    return make


def test_a_terminal_sees_a_bar_that_goes_away(bar):
    progress, screen, seconds = bar(terminal=True)
    seconds[0] = 2.0
    progress(0.5, 3000)
    assert f"[{'#' * 15}{'.' * 15}]  50%  3,000 rows, 1,500 rows/s" in screen.getvalue()
    assert "\n" not in screen.getvalue()
    progress.close()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_a_log_gets_a_line_now_and_then(bar):
    progress, screen, seconds = bar(terminal=False)
    for second in range(25):
        seconds[0] = float(second)
        progress(second / 25, second * 10)
    progress.close()
    assert screen.getvalue() == " 40%  100 rows, 10 rows/s\n 80%  200 rows, 10 rows/s\n"


def test_short_work_shows_nothing(bar):
    progress, screen, _ = bar(terminal=True)
    progress(0.5, 10)
    progress.close()
    assert screen.getvalue() == ""


def test_where_nobody_knows_the_share_the_rows_are_counted(bar):
    progress, screen, seconds = bar(terminal=True)
    seconds[0] = 2.0
    progress(None, 3000)
    assert screen.getvalue() == "\r\x1b[K3,000 rows, 1,500 rows/s"
