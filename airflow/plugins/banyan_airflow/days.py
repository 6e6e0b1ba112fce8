"""Which day a run speaks of, and where it writes. Nothing here asks the clock."""

import re
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Asia/Shanghai")


def business_day(dag_run, params) -> str:
    """
    The day whose list a run makes, yyyy-mm-dd in Asia/Shanghai.

    The day written into the form; or else the day that the run is for by the schedule, by a backfill or on the command line (its
    logical date); but never one that had not ended when the run began, and where the run is for no day, the last that had ended.
    """
    if params.get("day"):
        return str(date.fromisoformat(params["day"]))
    ended = _local(dag_run.run_after) - timedelta(days=1)
    meant = _local(dag_run.logical_date) if dag_run.logical_date else ended
    return str(min(meant, ended))


def today(ti) -> str:
    """The day on which this try of a task began: what is done then is done then, whatever day the run is for."""
    return str(_local(ti.start_date))


def days_before(day: str, days: int) -> str:
    """The day so many days earlier; later for a negative number."""
    return str(date.fromisoformat(day) - timedelta(days=days))


def month_end(day: str, months: int) -> str:
    """The last day of the month so many months after a day's."""
    of = date.fromisoformat(day)
    after = of.year * 12 + of.month + months  # the month after that, from 0
    return str(date(after // 12, after % 12 + 1, 1) - timedelta(days=1))


def run_folder(root: str, dag_run) -> Path:
    """Where a run's notices lie: ROOT/<dag>/<run>, of signs that every file system takes."""
    return Path(root) / dag_run.dag_id / re.sub(r"[^0-9A-Za-z._-]+", "_", dag_run.run_id)


def _local(moment) -> date:
    return moment.astimezone(CITY).date()
