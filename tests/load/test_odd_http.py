"""Clients that send too much, too slowly or two things at once, to a real gunicorn."""

import gzip
import json
import socket
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.load.browser import AGENT, EVENTS, Browser
from tests.load.ledger import stored

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

MB = 1 << 20
SLOW_CLIENTS = (
    3  #: fewer than a worker has threads: whoever holds all of them needs a proxy before gunicorn to stop it
)


@pytest.fixture(autouse=True)
def unharmed(site, database):
    """Whatever a case sends: nothing is stored, no memory is taken, others are answered, and nothing is an error."""
    events, memory, said = stored(database), site.memory(), len(site.log.read_text())
    yield
    assert stored(database) == events
    assert site.memory() - memory < 50 * MB
    assert "Traceback" not in site.log.read_text()[said:]
    with Browser(site.port) as browser:
        browser.tell(browser.views(1), patience=5)


def head(*lines):
    own = (
        f"POST {EVENTS} HTTP/1.1",
        "Host: 127.0.0.1",
        f"User-Agent: {AGENT}",
        "Content-Type: application/json",
    )
    return "\r\n".join([*own, *lines, "", ""]).encode()


def converse(port, parts, *, patience=10.0):
    """Send parts one by one, for as long as the server listens; everything that came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # it has heard enough; its answer may still be there
            for part in parts:
                line.sendall(part)
        answer = b""
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65536):
                answer += piece
        return answer


def statuses(answer):
    """The status of every answer on one connection."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def refused(answer):
    """Refused with a 4xx, or cut off without a word; never an error of ours."""
    return all(400 <= status < 500 for status in statuses(answer))


@contextmanager
def held(port, beginning):
    """Lines on which a request was begun; at the end the clients go, and whatever they are told is a refusal."""
    with ExitStack() as stack:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(SLOW_CLIENTS)]
        for line in lines:
            stack.enter_context(line)
            line.sendall(beginning)
        yield lines
        for line in lines:
            with suppress(ConnectionError):
                line.shutdown(socket.SHUT_WR)
                assert refused(line.recv(65536))


def test_a_body_that_never_comes(site):
    """The length promises more than is sent, and the line stays open."""
    with held(site.port, head("Content-Length: 1000") + b'{"events": ['):
        assert {site.get("/personalization/v1/nothing/", timeout=3) for _ in range(20)} == {404}


def test_a_body_that_comes_byte_by_byte(site):
    with held(site.port, head("Transfer-Encoding: chunked")) as lines:
        for _ in range(4):
            for line in lines:
                with suppress(ConnectionError):
                    line.sendall(b"1\r\n[\r\n")
            assert site.get("/personalization/v1/nothing/", timeout=3) == 404
            time.sleep(0.4)


@pytest.mark.parametrize("length_first", [True, False])
def test_two_lengths(site, length_first):
    """What one reader takes for the body is a second request for another: none of it may be acted upon."""
    lines = ["Content-Length: 5", "Transfer-Encoding: chunked"]
    smuggled = b"GET /personalization/v1/nothing/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = converse(site.port, [head(*lines[:: 1 if length_first else -1]) + b"0\r\n\r\n" + smuggled])
    assert refused(answer)
    assert len(statuses(answer)) <= 1


def test_fifty_megabytes(site):
    answer = converse(site.port, [head(f"Content-Length: {50 * MB}"), *[b" " * MB] * 50])
    assert refused(answer)


def test_fifty_megabytes_in_chunks(site):
    piece = f"{MB:x}\r\n".encode() + b" " * MB + b"\r\n"
    answer = converse(site.port, [head("Transfer-Encoding: chunked"), *[piece] * 50, b"0\r\n\r\n"])
    assert refused(answer)


def test_a_bomb(site):
    """Nobody unpacks it."""
    body = gzip.compress(json.dumps({"events": []}).encode() + b" " * 200 * MB, compresslevel=1)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with Browser(site.port) as browser:
        assert 400 <= browser.send("POST", EVENTS, body, **headers).status < 500
