"""
### 每月全量重算

每月 1 日为上月最后一天接收已送达的数据，从头重算（不沿用前一日结果），核对湖中各表与台账，再过门禁、审批、发布。

重算结果应与当日逐日结果逐字节相同：相同时 publish 显示“此前已发布”；不同则产生新的快照，并在通报中可见。
"""

from datetime import timedelta

from airflow.sdk import DAG

from banyan_airflow.dags import BY_POLICY, DRY_RUN, LAKE, approve, common, form, gate, ingest, publish, report, scheduled
from banyan_airflow.operators import BanyanSparkOperator

with DAG(
    "risk_monthly",
    schedule=scheduled("risk_monthly", "0 4 1 * *"),
    dagrun_timeout=timedelta(hours=24),
    params=form(),
    doc_md=__doc__,
    **common(),
):
    (
        ingest(nothing="done")
        >> BanyanSparkOperator(task_id="rebuild", command=["build", "all", *BY_POLICY, DRY_RUN])
        >> BanyanSparkOperator(task_id="check", command=["lake", "check", "--lake", LAKE])
        >> gate()
        >> approve("ingest", "rebuild", "gate")
        >> publish()
        >> report(["ingest", "rebuild", "gate", "publish"])
    )
