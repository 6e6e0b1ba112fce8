"""
A scheduler for real: a run appears by itself; two days are backfilled, a correction comes late, they are backfilled again, and the
lists are those of nights that knew all in time. Takes a quarter of an hour.
"""

import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from conftest import BIN, HOME, REAL, ROOT, called, rows

pytestmark = pytest.mark.long
FIRST, BETWEEN, LAST = "2025-06-27", "2025-06-28", "2025-06-29"
SAMPLES = {FIRST: "2025-06-20", LAST: "2025-06-30"}  # what is delivered on them


@pytest.fixture
def scheduled():
    """An installation of its own whose Airflow runs, and is stopped in the end."""
    home = HOME / "scheduled"
    home.mkdir()
    (home / "venv").symlink_to(BIN.parent)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "BANYAN"))}
    subprocess.run([ROOT / "airflow/bin/install", "--home", home, "--port", str(port)], env=bare, check=True, capture_output=True)
    with open(home / "banyan.env", "a") as settings:
        settings.write(f"export BANYAN_JAVA_OPTS='{REAL['BANYAN_JAVA_OPTS']}'\n")
    start = ["bash", "-c", f". {home}/banyan.env && exec airflow standalone"]
    with open(home / "standalone.log", "w") as log:
        running = subprocess.Popen(start, env=bare, stdout=log, stderr=log, start_new_session=True)
    try:
        yield home
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def told(home, *command: str) -> list[dict]:
    """What a command of Airflow's prints."""
    ended = subprocess.run(
        ["bash", "-c", f". {home}/banyan.env && airflow {' '.join(command)} -o json"], capture_output=True, text=True, check=False
    )
    return rows(ended.stdout)


def until(home, finished, minutes: int):
    """The runs of risk_daily, once they are what is waited for."""
    for _ in range(minutes * 12):
        runs = told(home, "dags", "list-runs", "risk_daily")
        if finished(runs):
            return runs
        time.sleep(5)
    raise AssertionError(f"{runs}\n{(home / 'standalone.log').read_text()[-3000:]}")


def backfill(home, *options: str):
    command = f"airflow backfill create --dag-id risk_daily --from-date {FIRST} --to-date {LAST} --max-active-runs 1 {' '.join(options)}"
    for _ in range(36):
        ended = subprocess.run(["bash", "-c", f". {home}/banyan.env && {command}"], capture_output=True, text=True, check=False)
        # It is a while before the scheduler says that one has ended; and of two who write SQLite sends one away.
        if not any(word in ended.stderr for word in ("AlreadyRunningBackfill", "database is locked")):
            break
        time.sleep(5)
    assert ended.returncode == 0, ended.stderr


def snapshots(lists) -> dict[str, str]:
    """Day → the name of its list, which is the hash of what is in it."""
    return {p.stem: json.loads(p.read_text())["snapshot"] for p in (lists / "supervision_list").glob("????-??-??.json")}


def correction(deliveries):
    """The newest large fine of the first delivery, once more: it was a hundred yuan."""
    with open(ROOT / f"data-samples/{SAMPLES[FIRST]}/penalties_20250620.csv", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    large = [row for row in rows if re.fullmatch(r"[5-9]\d{4}\.00", row["fine_yuan"]) and row["published_on"].startswith("20")]
    fined = max(large, key=lambda row: row["published_on"])
    (deliveries / BETWEEN).mkdir(parents=True)
    with open(deliveries / BETWEEN / "penalties_correction.csv", "w", encoding="utf-8") as file:
        corrected = csv.DictWriter(file, fined.keys())
        corrected.writeheader()
        corrected.writerow(fined | {"fine_yuan": "100.00", "changed_on": BETWEEN})


def test_a_backfill_with_a_late_correction_ends_as_nights_in_order_do(scheduled, tmp_path):
    in_order = tmp_path / "deliveries"
    for day in (FIRST, LAST):
        shutil.copytree(ROOT / "data-samples" / SAMPLES[day], in_order / day)
        shutil.copytree(ROOT / "data-samples" / SAMPLES[day], scheduled / "deliveries" / day)
    correction(in_order)
    for day in (FIRST, BETWEEN, LAST):
        ended = called(
            ROOT / "banyan",
            *("run", "--deliveries", str(in_order), "--lake", str(tmp_path / "lake"), "--as-of", day, "--quiet"),
            *("--publish", str(tmp_path / "lists")),
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    until(scheduled, lambda runs: told(scheduled, "dags", "list"), 3)
    told(scheduled, "dags", "unpause", "risk_daily", "-y")
    [last_night] = until(scheduled, lambda runs: [r["state"] for r in runs] == ["success"], 10)  # which nobody asked for
    newest = (scheduled / "lists/supervision_list/latest.json").read_text()
    backfill(scheduled)  # before anything was corrected: the day between is skipped
    runs = until(scheduled, lambda runs: len(runs) == 4 and all(r["state"] in ("success", "failed") for r in runs), 12)
    assert {r["state"] for r in runs} == {"success"}
    before = snapshots(scheduled / "lists")
    assert sorted(before) == [FIRST, LAST, json.loads(newest)["as_of"]]

    correction(scheduled / "deliveries")
    began = max(r["start_date"] for r in runs)
    backfill(scheduled, "--reprocess-behavior completed")
    runs = until(
        scheduled,
        lambda runs: all(r["state"] == "success" and r["start_date"] > began for r in runs if r != last_night),
        15,
    )
    after = snapshots(scheduled / "lists")
    del after[json.loads(newest)["as_of"]]
    assert after == snapshots(tmp_path / "lists")
    assert (scheduled / "lists/supervision_list/latest.json").read_text() == newest
    assert after[FIRST] == before[FIRST] and after[LAST] != before[LAST]
