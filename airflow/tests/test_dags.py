"""Every DAG imports, is shaped as the pipeline is, and gives the commands that stand in golden/; exit codes become states."""

import json
import os
import subprocess
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from airflow.api_fastapi.app import create_app
from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.dagrun import DagRun
from airflow.sdk import Param
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.session import create_session
from fastapi.testclient import TestClient
from sqlalchemy import select

from banyan_airflow.days import business_day, days_before, month_end, run_folder
from conftest import HOME, ROOT, SCRIPTED, Script

GOLDEN = Path(__file__).parent / "golden"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = datetime(2025, 6, 30, tzinfo=SHANGHAI)
DAYS_OF_TESTS = (datetime(2025, 1, 1, tzinfo=SHANGHAI) + timedelta(days=n) for n in count())  # a run each
CHAIN = ["ingest", "conform", "score", "gate", "approve", "publish", "report"]


@pytest.fixture
def bag():  # anew for each test: a run's form stays in the DAG it was given to
    return DagBag(dag_folder=str(ROOT / "airflow/dags"))


def run(bag, dag_id, day=None, conf=None):
    """A run through Airflow's own loop, of a day of its own unless one is given; task → state, and the run."""
    dag = bag.dags[dag_id]
    for task in dag.tasks:
        task.retry_delay = timedelta(0)
    day = day or next(DAYS_OF_TESTS)
    ended = dag.test(logical_date=day, run_after=day + timedelta(days=1, hours=2), run_conf=conf)
    return {ti.task_id: ti.state for ti in ended.get_task_instances()}, ended


def test_every_dag_imports(bag):
    assert bag.import_errors == {}
    assert sorted(bag.dags) == ["feedback_weekly", "intake_hourly", "model_retrain", "risk_daily", "risk_monthly"]


def test_every_dag_keeps_house(bag):
    for dag in bag.dags.values():
        assert dag.max_active_runs == 1 and dag.catchup is False and dag.dagrun_timeout and "banyan" in dag.tags, dag.dag_id
        assert any("\u4e00" <= sign <= "\u9fff" for sign in dag.doc_md), dag.dag_id
        for task in dag.tasks:
            if task.task_id == "approve":  # who does not answer in time is not asked again
                assert task.retries == 0 and task.response_timeout
            else:
                assert task.retries == 2 and task.execution_timeout, task.task_id
        for name, param in dag.params.items():
            assert isinstance(dag.params.get_param(name), Param) and dag.params.get_param(name).schema.get("title"), name


def test_what_opens_a_lake_takes_the_one_slot(bag):
    free = {"collect", "approve", "report"}
    for dag in bag.dags.values():
        for task in dag.tasks:
            expected = "default_pool" if task.task_id in free else "lake_writer"
            assert task.pool == expected, (dag.dag_id, task.task_id)


def test_the_daily_run_is_the_pipeline(bag):
    dag = bag.dags["risk_daily"]
    assert {t.task_id: sorted(t.upstream_task_ids) for t in dag.tasks} == {
        task: [before] if before else [] for task, before in zip(CHAIN, [None, *CHAIN])
    }
    # the stages in the order in which the tables of Pipeline.java first come to them, as `banyan tables --json` tells
    tables = json.loads(subprocess.check_output([ROOT / "banyan", "tables", "--json"], text=True).splitlines()[-1])
    of_tables = list(dict.fromkeys(table["stage"] for table in tables.values()))
    of_dag = [
        task.application_args[task.application_args.index("--stage") + 1]
        for task in dag.topological_sort()
        if "--stage" in getattr(task, "application_args", [])
    ]
    assert of_dag == of_tables


@pytest.mark.parametrize("dag_id", ["risk_daily", "risk_monthly", "feedback_weekly"])
def test_commands_are_those_of_the_golden_file(bag, script, dag_id):
    states, _ = run(bag, dag_id, DAY)
    assert set(states.values()) == {"success"}
    golden(dag_id, script.submitted() if dag_id == "risk_daily" else sorted(script.submitted()))  # others have tasks that wait for none


def test_a_form_filled_in_reaches_every_command(bag, script):
    run(bag, "risk_daily", conf={"day": "2025-06-29", "dry_run": True, "despite": "陈某: 已核对", "even_if_empty": True})
    golden("risk_daily_form", script.submitted())


def golden(name: str, submitted: list[list[str]]):
    """Compares with golden/NAME.txt; where BANYAN_GOLDEN is set it writes the file anew."""
    text = "".join(" ".join(f"'{a}'" if " " in a else a for a in argv) + "\n" for argv in submitted)
    text = text.replace(str(SCRIPTED), "BANYAN").replace(str(HOME), "HOME")
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("BANYAN_GOLDEN"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize(
    "codes, state, calls",
    [
        ([0], "success", 1),
        ([99], "skipped", 1),
        ([2], "failed", 1),
        ([3], "failed", 1),
        ([4], "failed", 1),
        ([101], "failed", 1),
        ([1], "failed", 3),
        ([5], "failed", 3),
        ([75], "failed", 3),
        ([75, 0], "success", 2),
        ([1, 5, 0], "success", 3),
        ([75, 99], "skipped", 2),
        ([1, 3], "failed", 2),
    ],
)
def test_exit_codes_become_states(bag, script, codes, state, calls):
    script.says({"collect": [codes, "why it ended so"]})
    states, ended = run(bag, "intake_hourly")
    assert states == {"collect": state}
    assert len(script.submitted()) == calls
    assert ended.state == ("failed" if state == "failed" else "success")


def test_a_day_without_anything_new_is_skipped_whole(bag, script):
    script.says({"run --stage ingest": [[99], "Nothing to do"]})
    states, ended = run(bag, "risk_daily")
    assert set(states.values()) == {"skipped"} and ended.state == "success"


def test_a_day_without_anything_new_is_worked_out_where_that_is_wanted(bag, script):
    script.says({"run --stage ingest": [[99], "Nothing to do"]})
    states, _ = run(bag, "risk_daily", conf={"even_if_empty": True})
    assert set(states.values()) == {"success"}


def test_a_failing_gate_ends_red_at_once_and_says_why(bag, script):
    script.says({"run --stage publish": [[3], "Cannot publish the list of 2025-06-30: the gate refused it."]})
    states, ended = run(bag, "risk_daily", datetime(2025, 6, 28, tzinfo=SHANGHAI))
    assert (states["gate"], states["publish"], ended.state) == ("failed", "upstream_failed", "failed")
    assert len([argv for argv in script.submitted() if "publish" in argv]) == 1
    notice = (run_folder(HOME / "runs", ended) / "gate.failed.md").read_text()
    assert "失败：risk_daily 2025-06-28 gate" in notice
    assert "the gate refused it" in notice and "不评价、不惩戒、不公开、不免抽" in notice and "A 9，D 1" in notice


@contextmanager
def answered(option: str, script: Script):
    """A person who answers each question with an option, through Airflow's own API; what he was asked, and what had run by then."""
    asked = {}

    def answer():
        client = TestClient(create_app(apps="core"))
        token = client.get("/auth/token").json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        while not done.wait(0.2):
            questions = client.get("/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false&state=awaiting_input")
            for question in questions.json()["hitl_details"]:
                asked.update(question, submitted=script.submitted())
                ti = question["task_instance"]
                path = f"/api/v2/dags/{ti['dag_id']}/dagRuns/{ti['dag_run_id']}/taskInstances/{ti['task_id']}/-1/hitlDetails"
                client.patch(path, json={"chosen_options": [option], "params_input": {}}).raise_for_status()

    done, person = Event(), Thread(target=answer)
    person.start()
    try:
        yield asked
    finally:
        done.set()
        person.join()


def test_nothing_is_published_before_it_is_approved(bag, script):
    with answered("Approve", script) as asked:
        states, ended = run(bag, "risk_daily", conf={"approval": True, "day": "2025-06-26"})
    assert set(states.values()) == {"success"}
    assert asked["subject"] == "发布 2025-06-26 监管名单（risk_daily）" and "分类：A 9，D 1" in asked["body"]
    assert [argv[-1] for argv in asked["submitted"] if "--to" in argv] == []
    assert [argv[-1] for argv in script.submitted() if "--to" in argv] == [str(HOME / "lists")]
    assert "待审批" in (run_folder(HOME / "runs", ended) / "approve.md").read_text()


def test_the_list_that_was_at_the_gate_is_published_and_no_other(bag, script):
    run(bag, "risk_daily")
    assert "--of=-42" in next(argv for argv in script.submitted() if "--to" in argv)


def test_what_is_rejected_is_not_published(bag, script):
    with answered("Reject", script):
        states, ended = run(bag, "risk_daily", conf={"approval": True})
    assert (states["approve"], states["publish"], states["report"]) == ("success", "skipped", "skipped")
    assert not any("--to" in argv for argv in script.submitted())


@pytest.mark.parametrize("refused", ["run --stage publish", "plan draw"])
def test_a_month_that_is_refused_still_seals_the_next(bag, script, refused):
    script.says({refused: [[3], "Cannot go on."]})
    states, ended = run(bag, "risk_monthly")
    assert (states["seal"], states["report"], ended.state) == ("success", "upstream_failed", "failed")
    assert any(argv[-1] == "--json" and "seal" in argv for argv in script.submitted())


def test_a_model_is_promoted_by_who_approved_it(bag, script):
    with answered("Approve", script) as asked:
        states, _ = run(bag, "model_retrain", DAY, conf={"model": "critical_history", "to": "champion", "by": "陈某"})
    assert set(states.values()) == {"success"}
    assert asked["subject"] == "启用模型 critical_history 0123456789ab（champion）"
    promoted = script.submitted()[-1]
    now = datetime.now(SHANGHAI).date()  # decided when it is approved, however long that took
    assert promoted[promoted.index("--as-of") + 1] in (str(now), str(now - timedelta(days=1)))
    golden("model_retrain", [*script.submitted()[:-1], ["DAY" if argument.startswith("20") else argument for argument in promoted]])


def test_a_model_that_fails_its_checks_asks_nobody(bag, script):
    script.says({"train": [[3], "Cannot use critical_history: it did not pass its checks."]})
    states, _ = run(bag, "model_retrain")
    assert (states["train"], states["approve"], states["promote"]) == ("failed", "upstream_failed", "upstream_failed")


def test_a_run_is_reported(bag, script):
    _, ended = run(bag, "risk_daily", datetime(2025, 6, 27, tzinfo=SHANGHAI))
    notice = (run_folder(HOME / "runs", ended) / "report.md").read_text()
    assert "# risk_daily 2025-06-27" in notice and "- 分类：A 9，D 1\n- ingest：台账编号 r000001" in notice


def test_a_dry_run_tells_nobody_of_a_list(bag, script):
    before = len(told_of_lists())
    states, _ = run(bag, "risk_daily", conf={"dry_run": True})
    assert set(states.values()) == {"success"} and len(told_of_lists()) == before


def told_of_lists() -> list[AssetEvent]:
    with create_session() as session:
        return session.scalars(select(AssetEvent).order_by(AssetEvent.id)).all()


def test_a_failure_goes_to_the_webhook_with_its_secret_and_not_what_was_said(bag, script, monkeypatch):
    heard = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

    script.says({"collect": [[3], "91350199MA0000000X  A → C"]})
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever).start()
        to = {"conn_type": "http", "host": f"http://127.0.0.1:{server.server_port}/send?key=", "password": "hush"}
        monkeypatch.setenv("AIRFLOW_CONN_BANYAN_WEBHOOK", json.dumps(to))
        run(bag, "intake_hourly")
        server.shutdown()
    [(path, message)] = heard
    assert path == "/send?key=hush" and message["msgtype"] == "markdown"
    assert message["markdown"]["title"].startswith("失败：intake_hourly") and "exit 3" in message["markdown"]["content"]
    assert "91350199MA0000000X" not in json.dumps(message)


def test_the_summary_of_the_list_goes_with_the_asset(bag, script):
    run(bag, "risk_daily")
    newest = told_of_lists()[-1]
    assert newest.source_task_id == "publish" and newest.extra["classes"] == {"A": 9, "D": 1}
    assert newest.extra["publication"] == "lists/2025-06-30-0123456789ab"


# logical date, began, day in the form → day
DAYS = [
    ("2025-06-30T00:00", "2025-07-01T00:00", None, "2025-06-30"),  # by the schedule, and by a backfill
    ("2025-06-30T04:00", "2025-07-01T04:00", None, "2025-06-30"),  # the month's last day, on the first of the next
    ("2025-06-30T00:00", "2026-11-26T15:00", None, "2025-06-30"),  # airflow dags test risk_daily 2025-06-30
    ("2026-11-26T15:00", "2026-11-26T15:00", None, "2026-11-25"),  # the form, untouched: the last day that has ended
    (None, "2026-11-26T15:00", None, "2026-11-25"),  # for no day: by the API, or by an asset
    (None, "2026-11-26T00:30", None, "2026-11-25"),  # half past midnight
    ("2026-11-26T15:00", "2026-11-26T15:00", "2025-06-29", "2025-06-29"),  # the form, filled in
]


@pytest.mark.parametrize("logical, began, form, day", DAYS)
def test_the_day_of_a_run(logical, began, form, day):
    def moment(text):  # told in UTC, as Airflow tells it
        return text and datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(ZoneInfo("UTC"))

    dag_run = DagRun(dag_id="risk_daily", logical_date=moment(logical), run_after=moment(began))
    assert business_day(dag_run, {"day": form}) == day


def test_a_batch_is_received_when_it_is_collected_whatever_the_run_is_for(bag, script):
    run(bag, "intake_hourly", DAY)
    [argv] = script.submitted()
    assert argv[argv.index("--as-of") + 1] > "2026-01-01"


def test_without_a_connection_no_master_is_guessed(bag, script, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_SPARK_BANYAN")
    states, _ = run(bag, "intake_hourly")
    assert states == {"collect": "failed"} and script.submitted() == []


def test_a_backfill_makes_the_lists_of_the_days_it_names(bag):
    dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(bag.dags["risk_daily"]))
    first, last = datetime(2025, 6, 1, tzinfo=SHANGHAI), datetime(2025, 6, 30, tzinfo=SHANGHAI)
    days = [
        business_day(DagRun(dag_id="risk_daily", logical_date=info.logical_date, run_after=info.run_after), {})
        for info in dag.iter_dagrun_infos_between(first, last)
    ]
    assert days == [f"2025-06-{day:02}" for day in range(1, 31)]


def test_the_end_of_a_month():
    days = ("2025-06-30", 0), ("2025-06-30", 1), ("2025-11-30", 1), ("2025-12-31", 1), ("2024-01-31", 1)
    assert [month_end(*day) for day in days] == ["2025-06-30", "2025-07-31", "2025-12-31", "2026-01-31", "2024-02-29"]


def test_days_before():
    assert days_before("2025-03-01", 1) == "2025-02-28" and days_before("2025-06-30", -1) == "2025-07-01"


def test_the_jar_is_the_launchers(bag):
    from banyan_airflow.operators import JAR

    assert f'jar="$root/{JAR.relative_to(SCRIPTED)}"' in (ROOT / "banyan").read_text()
