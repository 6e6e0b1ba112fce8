"""What all DAGs of Banyan have in common."""

import os
from datetime import timedelta

import pendulum
from airflow.sdk import Asset, CronDataIntervalTimetable, CronTriggerTimetable, Param, get_current_context, task

from banyan_airflow import notices
from banyan_airflow.days import business_day, days_before, month_end, today
from banyan_airflow.operators import HOME, Approval, BanyanSparkOperator

MODELS = sorted(file.stem for file in (HOME / "models/learned").glob("*.yaml"))

DAY = "{{ business_day(dag_run, params) }}"
LAKE = "{{ var.value.banyan_lake }}"
DELIVERIES = "{{ var.value.banyan_deliveries }}"
PUBLISH = "{{ var.value.banyan_publish }}"
POLICY = "{{ '--policy=' ~ var.value.get('banyan_policy', '') if var.value.get('banyan_policy', '') }}"
ROSTER = "{{ '--inspectors=' ~ var.value.get('banyan_roster', '') if var.value.get('banyan_roster', '') }}"
DRY_RUN = "{{ '--dry-run' if params.dry_run }}"
DESPITE = "{{ '--despite=' ~ params.despite if params.despite }}"
AT_THE_GATE = "{% set list = (ti.xcom_pull(task_ids='gate') or {}).get('fingerprint') %}{{ '--of=' ~ list if list }}"
ON_DAY = ["--lake", LAKE, "--as-of", DAY]
BY_POLICY = [*ON_DAY, POLICY, "--json", "--quiet"]

SUPERVISION_LIST = Asset(name="supervision_list", uri="banyan://supervision_list")

FORM = {
    "day": dict(
        default=None, type=["null", "string"], format="date", title="评价日", description="留空为最近一个已结束的日子（北京时间）"
    ),
    "dry_run": dict(default=False, type="boolean", title="试运行", description="只说明将做什么，不写入"),
    "approval": dict(
        default=os.environ.get("BANYAN_APPROVAL") == "always",
        type="boolean", title="发布前人工审批", description="批准之前不发布；拒绝则本次不发布",
    ),
    "despite": dict(
        default=None,
        type=["null", "string"],
        pattern=r"^[^:：]+[:：].+$",
        title="对门禁拦截的书面答复",
        description="格式“姓名: 理由”，写入清单；仅对可答复的拦截有效",
    ),
}


def form(*names: str) -> dict[str, Param]:
    """What may be filled in when a run is started by hand, for one DAG; all of it unless names are given."""
    return {name: Param(**FORM[name]) for name in names or FORM}


def nightly(dag_id: str) -> CronDataIntervalTimetable:
    """Once a day has ended, by Beijing time, for that day: a backfill from one day to another makes the lists of just those."""
    return CronDataIntervalTimetable(_cron(dag_id, "0 0 * * *"), timezone="Asia/Shanghai")


def scheduled(dag_id: str, cron: str) -> CronTriggerTimetable:
    """By Beijing time, each run for the day before it."""
    return CronTriggerTimetable(_cron(dag_id, cron), timezone="Asia/Shanghai", interval=timedelta(days=1))


def _cron(dag_id: str, usual: str) -> str:
    """Another time than the usual one where the environment names it."""
    return os.environ.get(f"BANYAN_CRON_{dag_id.upper()}", usual)


def common() -> dict:
    """What every DAG is given."""
    return dict(
        start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Shanghai"),
        tags=["banyan", "榕"],
        catchup=False,
        max_active_runs=1,
        user_defined_macros={
            "business_day": business_day,
            "days_before": days_before,
            "month_end": month_end,
            "today": today,
            "of_run": notices.of_run,
        },
        on_failure_callback=notices.overdue,
        default_args=dict(
            owner="banyan",
            retries=2,
            retry_delay=timedelta(minutes=5),
            retry_exponential_backoff=True,
            max_retry_delay=timedelta(minutes=30),
            execution_timeout=timedelta(hours=4),
            on_failure_callback=notices.failed,
        ),
    )


def stage(task_id: str, name: str, *arguments: str, **kwargs) -> BanyanSparkOperator:
    """One stage of the pipeline for the day."""
    return BanyanSparkOperator(
        task_id=task_id, command=["run", "--stage", name, *BY_POLICY, DRY_RUN, *arguments], **kwargs
    )


def ingest(nothing: str) -> BanyanSparkOperator:
    """What was delivered up to the day."""
    return stage("ingest", "ingest", "--deliveries", DELIVERIES, nothing=nothing)


def gate() -> BanyanSparkOperator:
    """The day's lists, and what the gate finds of them."""
    return stage("gate", "publish", DESPITE)


def approve(*tasks: str) -> Approval:
    """A person looks at what the tasks did, where the form asks for it."""
    return Approval(
        task_id="approve",
        wanted="{{ params.approval and not params.dry_run }}",
        subject="发布 {{ business_day(dag_run, params) }} 监管名单（{{ dag.dag_id }}）",
        body="{{ of_run(ti, " + str(list(tasks)) + ") }}",
        response_timeout=timedelta(hours=9),
    )


def publish() -> BanyanSparkOperator:
    """The list that was at the gate and no other, out to its readers; whoever waits for the asset starts then."""
    return BanyanSparkOperator(
        task_id="publish",
        command=["publish", *ON_DAY, POLICY, "--json", DRY_RUN, DESPITE, AT_THE_GATE, "--to", PUBLISH],
        outlets=[SUPERVISION_LIST],
    )


@task
def report(tasks: list[str]):
    """Tells what the tasks of the run did."""
    return notices.report(get_current_context(), tasks)
