"""
### 每周回看

一周前的名单，以今天所知再看一遍：有哪些主体当时会是另一类（迟到的数据、更正、撤销、修复）；数据源是否按时、
有何可疑；在用模型启用以来准不准。只看、只记录，不改任何已发布的名单。
"""

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, get_current_context, task

from banyan_airflow import notices
from banyan_airflow.dags import LAKE, ON_DAY, POLICY, common, form, scheduled
from banyan_airflow.operators import HOME, BanyanSparkOperator

MODELS = sorted(file.stem for file in (HOME / "models/learned").glob("*.yaml"))
WEEK_AGO = "{{ days_before(business_day(dag_run, params), 7) }}"


@task(trigger_rule="none_failed")
def report():
    return notices.report(get_current_context(), ["restate", "quality", *(f"evaluate_{model}" for model in MODELS)])


with DAG(
    "feedback_weekly",
    schedule=scheduled("feedback_weekly", "0 7 * * 1"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Shanghai"),
    dagrun_timeout=timedelta(hours=12),
    params=form("day"),
    doc_md=__doc__,
    tags=["banyan", "榕"],
    **common(),
):
    looked = [
        BanyanSparkOperator(
            task_id="restate",
            command=["restate", "--lake", LAKE, "--as-of", WEEK_AGO, POLICY, "--json", "--quiet"],
        ),
        BanyanSparkOperator(task_id="quality", command=["quality", *ON_DAY, "--json"], pool="default_pool"),
        *(
            BanyanSparkOperator(
                task_id=f"evaluate_{model}",
                command=["evaluate", model, *ON_DAY, POLICY, "--json"],
                pool="default_pool",
            )
            for model in MODELS
        ),
    ]
    looked >> report()
