from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop_demo.camera import Camera, NoPageError, View, open_browser
from shop_demo.models import Product
from shop_demo.screenshots import every_page, shown_in_the_readme

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGES = Path("docs") / "images"
VIEWS = [View(width, language) for language in ("en", "zh-hans") for width in (1280, 390)]


class Command(BaseCommand):
    help = (
        "Take the pictures of the README from the demo shop, once it has been filled; with --all pictures of every page, "
        "desktop and phone, in every language. Needs Chromium with its driver, and the extra [test]."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, help=f"default: {IMAGES}; with --all: var/screenshots")
        parser.add_argument("--all", action="store_true", help="every page, whole, not only the README's")
        parser.add_argument("--only", default="", metavar="TEXT", help="pages with this in their name")
        parser.add_argument("--picture", default="webp", choices=["webp", "png"])

    def handle(self, *args: Any, **options: Any) -> None:
        if not Product.objects.exists():
            raise CommandError("the shop is empty: `make demo ARGS=--no-serve` fills it")
        folder: Path = options["folder"] or (settings.VAR_DIR / "screenshots" if options["all"] else IMAGES)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with serve() as address, open_browser() as window:
                for name, picture in self._pictures(Camera(window, address), options):
                    file = folder / f"{name}.{options['picture']}"
                    file.write_bytes(picture)
                    self.stdout.write(str(file))
        except (ImportError, FileNotFoundError) as error:
            message = f"{error}: pictures need Chromium and `pip install django-personalization[test]`"
            raise CommandError(message) from error

    def _pictures(self, camera: Camera, options: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        whole: bool = options["all"]
        for shot in every_page() if whole else shown_in_the_readme():
            if options["only"] not in shot.name:
                continue
            for view in VIEWS if whole else VIEWS[:1]:
                try:
                    picture = camera.take(shot, view, whole=whole, picture=options["picture"])
                except (
                    NoPageError
                ) as error:  # a form for what only the app writes, or a page that wants to be posted
                    self.stderr.write(str(error))
                    break
                yield f"{shot.name}-{view.width}-{view.language}" if whole else shot.name, picture


@contextmanager
def serve() -> Iterator[str]:
    """This shop in a process of its own, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "runserver",
        f"127.0.0.1:{port}",
        "--noreload",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
    try:
        deadline = time.monotonic() + 30
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CommandError("the shop could not be served")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
