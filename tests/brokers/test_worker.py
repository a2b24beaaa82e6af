"""Real workers on real brokers: what was asked for is learned, whoever dies meanwhile."""

import subprocess
import sys
import time

import pytest

from tests.brokers.shop import ROOT, RUNNING, SUCCEEDED, Reader, kill, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def learned(shop, alias="popularity"):
    """A first build, made by the command; its id and how many rows it has."""
    shop.run("rebuild_recommendations", f"--recommender={alias}")
    build = shop.live(alias)
    ((rows,),) = shop.rows("SELECT COUNT(*) FROM personalization_buildrow WHERE build_id = ?", build)
    return build, rows


def test_a_message_becomes_a_build(broker_shop, send, start):
    start(broker_shop.worker())
    send("rebuild_recommendations")
    until(lambda: [state for state, _ in broker_shop.runs()] == [SUCCEEDED], "the run to succeed")
    assert all(
        broker_shop.live(alias)
        for alias in ("auto", "item-cosine", "popularity", "popularity-recent", "repeat-purchase")
    )


def test_a_killed_rebuild_is_finished_by_the_sweep(broker_shop, send, start):
    shop = broker_shop
    old, rows = learned(shop, "slow")
    shop.slow.touch()
    with Reader(shop, "slow", rows=rows) as reader:
        first = start(shop.worker())
        send("rebuild_recommendations", recommender="slow")
        until(shop.slow.with_suffix(".began").exists, "the worker to be in the middle of it")
        until(lambda: shop.runs()[-1] == (RUNNING, 1), "the run to be taken")
        kill(first)
        shop.slow.unlink()
        assert shop.live("slow") == old
        start(shop.worker())

        def swept():
            send("run_due")
            time.sleep(1)
            return shop.runs()[-1] == (SUCCEEDED, 2)

        until(swept, "the sweep to finish the run")
    assert shop.live("slow") > old
    assert reader.builds == {old, shop.live("slow")}
    assert reader.reads > 20
    assert reader.short == 0


def test_without_a_broker_the_sweep_is_a_command(shop, start):
    old, rows = learned(shop, "slow")
    shop.slow.touch()
    with Reader(shop, "slow", rows=rows) as reader:
        command = ("manage.py", "rebuild_recommendations", "--recommender=slow")
        first = start(shop.start(sys.executable, *command))
        until(shop.slow.with_suffix(".began").exists, "the command to be in the middle of it")
        kill(first)
        shop.slow.unlink()
        until(lambda: "done" in shop.run("run_due"), "the sweep to find the run")
    assert shop.runs()[-1] == (SUCCEEDED, 2)
    assert shop.live("slow") > old
    assert (reader.short, reader.builds) == (0, {old, shop.live("slow")})


def test_a_long_rebuild_says_that_it_lives(shop, start):
    """Longer than its lease, yet nobody takes it over: the thread renews it on a connection of its own."""
    shop.slow.touch()
    command = ("manage.py", "rebuild_recommendations", "--recommender=slow")
    start(shop.start(sys.executable, *command))
    until(shop.slow.with_suffix(".began").exists, "the command to be in the middle of it")
    ((first,),) = shop.rows("SELECT lease_until FROM personalization_run")
    until(
        lambda: shop.rows("SELECT lease_until FROM personalization_run")[0][0] > first + 5_000_000,
        "two beats",
    )
    assert shop.run("run_due") == "nothing is due\n"
    shop.slow.unlink()
    until(lambda: shop.runs() == [(SUCCEEDED, 1)], "the command to end")


def test_a_second_rebuild_learns_at_once_who_is_at_it(shop, start):
    shop.slow.touch()
    command = ("manage.py", "rebuild_recommendations", "--recommender=slow")
    start(shop.start(sys.executable, *command))
    until(shop.slow.with_suffix(".began").exists, "the command to be in the middle of it")
    began = time.monotonic()
    second = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "rebuild: already running (run #1, started " in second.stderr
    assert second.stdout == ""
    assert (
        time.monotonic() - began < 10
    )  # a process start on a busy machine; the answer itself takes two statements
