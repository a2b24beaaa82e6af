"""Two logins of one browser at the same moment, in two processes: it becomes somebody's once."""

import copy
from functools import partial
from urllib.parse import urlencode

import pytest

from tests.load.browser import Browser
from tests.load.fill import CUSTOMERS, PASSWORD
from tests.load.together import at_once

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

on_every_database = pytest.mark.parametrize("database", ["postgres", "maria", "file"], indirect=True)
VISITOR = "SELECT i.visitor_id FROM personalization_identity i WHERE i.kind = %s AND i.key = %s"
JOINED = "SELECT person_id, epoch FROM personalization_visitor WHERE id = %s"
ROUNDS = 3


def sign_in(browser, name):
    """The login form of a window, then a page."""
    with browser:
        token = browser.cookies["csrftoken"]
        fields = urlencode({"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token})
        posted = browser.send(
            "POST", "/login/", fields, **{"Content-Type": "application/x-www-form-urlencoded"}
        )
        return posted.status, browser.send("GET", "/").status


def people(database):
    """The visitor of each customer that has one."""
    users = dict(database.rows("SELECT username, id FROM auth_user"))
    found = {name: database.rows(VISITOR, 2, str(users[name])) for name in CUSTOMERS}
    return {rows[0][0]: name for name, rows in found.items() if rows}


@on_every_database
@pytest.mark.parametrize("names", [("ann", "ann"), ("ann", "bob")], ids=["one person", "two people"])
def test_a_browser_is_joined_once(site, database, names):
    for _ in range(ROUNDS):
        with Browser(site.port) as browser:
            browser.tell(browser.views(3))
            browser.send("GET", "/login/")
        windows = [partial(sign_in, copy.deepcopy(browser), name) for name in names]
        assert at_once(windows) == [(302, 200)] * len(names)
        ((visitor,),) = database.rows(VISITOR, 1, browser.key)
        ((person, epoch),) = database.rows(JOINED, visitor)
        assert people(database)[person] in names
        assert epoch == 1, "joined more than once"
