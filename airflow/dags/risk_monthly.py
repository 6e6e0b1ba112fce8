"""
### 每月全量重算

每月 1 日为上月最后一天从头重算全部数据（不沿用前一日结果），核对湖中各表与台账，再过门禁、审批、发布。

重算结果应与当日逐日结果逐字节相同：相同时 publish 显示“此前已发布”；不同则产生新的快照，并在通报中可见。
"""

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, get_current_context, task

from banyan_airflow import notices
from banyan_airflow.dags import BY_POLICY, DESPITE, DRY_RUN, LAKE, common, form, publish, scheduled, stage
from banyan_airflow.operators import Approval, BanyanSparkOperator

WORKED = ["rebuild", "gate", "publish"]


@task
def report():
    return notices.report(get_current_context(), WORKED)


with DAG(
    "risk_monthly",
    schedule=scheduled("risk_monthly", "0 4 1 * *"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Shanghai"),
    dagrun_timeout=timedelta(hours=24),
    params=form(),
    doc_md=__doc__,
    tags=["banyan", "榕"],
    **common(),
):
    (
        BanyanSparkOperator(task_id="rebuild", command=["build", "all", *BY_POLICY, DRY_RUN])
        >> BanyanSparkOperator(task_id="check", command=["lake", "check", "--lake", LAKE], pool="default_pool")
        >> stage("gate", "publish", DESPITE)
        >> Approval(
            task_id="approve",
            wanted="{{ params.approval and not params.dry_run }}",
            subject="发布 {{ business_day(dag_run, params) }} 全量重算名单",
            body="{{ of_run(ti, ['rebuild', 'gate']) }}",
            response_timeout=timedelta(hours=9),
        )
        >> publish()
        >> report()
    )
