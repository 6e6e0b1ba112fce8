"""One night for real: Airflow, spark-submit, Spark, the samples, a published list; then a day without anything new, and a gate that refuses."""

import json
import shutil

from conftest import HOME, REAL, ROOT, told, tried

LISTS = HOME / "real/lists/supervision_list"


def newest_states() -> dict[str, str]:
    """Task → state, of the run that was begun last."""
    newest = max(told("dags", "list-runs", "risk_daily"), key=lambda run: run["run_id"])
    return {row["task_id"]: row["state"] for row in told("tasks", "states-for-dag-run", "risk_daily", newest["run_id"])}


def test_a_night_ends_with_a_published_list(night):
    assert night.returncode == 0, night.stdout[-4000:] + night.stderr[-4000:]
    pointer = json.loads((LISTS / "latest.json").read_text())
    assert pointer["as_of"] == "2025-06-30"
    published = (LISTS / pointer["snapshot"] / "supervision_list_20250630.csv").read_text(encoding="utf-8-sig")
    expected = (ROOT / "data-samples/expected/supervision_list.csv").read_text(encoding="utf-8-sig")
    assert ranks(published) == ranks(expected)
    report = next((HOME / "real/runs/risk_daily").rglob("report.md")).read_text()
    assert "A 907，B 324，C 89，D 36" in report and pointer["snapshot"] in report


def ranks(csv: str) -> list[list[str]]:
    """Rank, id and class of every row, by the names of the columns."""
    import csv as reader

    return [[row["rank"], row["entity_id"], row["risk_class"]] for row in reader.DictReader(csv.splitlines())]


def test_a_day_without_anything_new_ends_skipped(night):
    ended = tried("dags", "test", "risk_daily", "2025-07-01", **REAL)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert set(newest_states().values()) == {"skipped"}
    assert json.loads((LISTS / "latest.json").read_text())["as_of"] == "2025-06-30"


def test_a_gate_that_refuses_ends_red_at_once(night):
    strict = HOME / "strict"
    shutil.copytree(ROOT / "models/policy", strict)
    gate = strict / "gate.yaml"
    text = gate.read_text()
    assert "county_ratio: 3 " in text and "county_least: 10 " in text
    gate.write_text(text.replace("county_ratio: 3 ", "county_ratio: 1.01 ").replace("county_least: 10 ", "county_least: 1 "))
    before = (LISTS / "latest.json").read_text()

    ended = tried(  # the lake holds what the first three tasks would make
        *("dags", "test", "risk_daily", "2025-06-30", "--mark-success-pattern", "ingest|conform|score"),
        AIRFLOW_VAR_BANYAN_POLICY=str(strict),
        **REAL,
    )

    assert ended.returncode != 0
    notice = next((HOME / "real/runs/risk_daily").rglob("gate.failed.md")).read_text()
    assert "the gate refused it" in notice and "第 1 次尝试" in notice and "counties" in notice
    assert (LISTS / "latest.json").read_text() == before
