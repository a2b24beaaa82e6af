"""Devices by what browsers say of themselves."""

import pytest
from django.test import RequestFactory

from personalization.campaigns.device import find_device

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36": "desktop",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "desktop",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148": "mobile",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": "mobile",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "mobile",
    "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/140.0 Safari/537.36": "tablet",
    "Mozilla/5.0 (Android 15; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0": "tablet",
    "Mozilla/5.0 (iPad; CPU OS 12_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148": "tablet",
    "": None,
    "  ": None,
}


@pytest.mark.parametrize(("agent", "device"), AGENTS.items())
def test_devices(agent, device):
    assert find_device(RequestFactory().get("/", headers={"user-agent": agent})) == device


def test_nobody_makes_us_read_megabytes():
    assert (
        find_device(RequestFactory().get("/", headers={"user-agent": "x" * 1_000_000 + "ipad"})) == "desktop"
    )
