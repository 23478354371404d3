"""When a hospital may be visited: its own hours for our pulls, on its own clocks.

Outside them nothing is asked of it any more. What is under way is finished, what was promised stays in flight, and everything that
needs no hospital goes on; the next night continues under the same receipt.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TypeVar
from zoneinfo import ZoneInfo

from eval_harness.base import Retryable
from pipelines.phi_zone.run import Run
from schemas.messages import messages
from schemas.shapes.site import Site

T = TypeVar("T")


class Closed(Retryable):
    """The hospital's hours for pulls are over, or have not begun."""


def is_open(site: Site, now: dt.datetime) -> bool:
    """Whether `now` (any zone) lies within schedule.window; a window that ends before it begins runs over midnight."""
    hours = site.schedule.hours
    if hours is None:
        return True
    start, end = hours
    at = now.astimezone(ZoneInfo(site.timezone)).time().replace(tzinfo=None)
    return start <= at < end if start < end else at >= start or at < end


def opens_at(site: Site, now: dt.datetime) -> dt.datetime:
    """The next moment from `now` on at which the window is open, in the hospital's time zone."""
    zone = ZoneInfo(site.timezone)
    here = now.astimezone(zone)
    if is_open(site, now) or site.schedule.hours is None:
        return here
    start = dt.datetime.combine(here.date(), site.schedule.hours[0], zone)
    return start if start > here else dt.datetime.combine(here.date() + dt.timedelta(days=1), site.schedule.hours[0], zone)


def require_open(site: Site, now: dt.datetime) -> None:
    """Raises Closed FLW-009 outside the window."""
    if not is_open(site, now):
        opens = opens_at(site, now)
        raise Closed(messages().issue("FLW-009", site.site_id, window=site.schedule.window, zone=site.timezone,
                                      opens=opens.strftime("%Y-%m-%d %H:%M")))


def within(run: Run, items: Iterable[T]) -> Iterator[T]:
    """`items`, each asked for only while the hospital may be visited. Raises Closed."""
    held = iter(items)
    while True:
        visit(run)
        try:
            item = next(held)
        except StopIteration:
            return
        yield item


def visit(run: Run) -> None:
    """Before anything is asked of the hospital. Raises Closed."""
    if not run.anytime:
        require_open(run.site, run.clock())
