"""The demo shop's workers: ``celery -A shop_demo worker --beat`` with CELERY_BROKER_URL set."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_demo.settings")
app = Celery("shop_demo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.broker_connection_retry_on_startup = True
app.autodiscover_tasks()


@app.on_after_finalize.connect
def learn_and_sweep(sender: Celery, **kwargs: object) -> None:
    """Learn every night and sweep every minute. Tasks can be imported only once Django is ready."""
    from personalization.tasks import BEAT_SCHEDULE  # noqa: PLC0415

    sender.conf.beat_schedule.update(BEAT_SCHEDULE)
