"""
### 每月全量重算与抽查计划

每月 1 日先封存本月抽查计划的随机种子，再为上月最后一天接收已送达的数据，从头重算（不沿用前一日结果），核对湖中各表与台账，
过门禁、审批、发布；最后按重算的类别抽取本月“双随机”检查计划。

重算结果应与当日逐日结果逐字节相同：相同时 publish 显示“此前已发布”；不同则产生新的快照，并在通报中可见。
种子封存先于分类计算，抽取后随计划公布，任何人可以复核；计划抽取一次，不再更改。
"""

from datetime import timedelta

from airflow.sdk import DAG

from banyan_airflow.dags import (
    BY_POLICY,
    DRY_RUN,
    LAKE,
    ON_DAY,
    POLICY,
    PUBLISH,
    ROSTER,
    approve,
    common,
    form,
    gate,
    ingest,
    publish,
    report,
    scheduled,
)
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
        BanyanSparkOperator(task_id="seal", command=["plan", "seal", *ON_DAY, POLICY, "--json", DRY_RUN])
        >> ingest(nothing="done")
        >> BanyanSparkOperator(task_id="rebuild", command=["build", "all", *BY_POLICY, DRY_RUN])
        >> BanyanSparkOperator(task_id="check", command=["lake", "check", "--lake", LAKE])
        >> gate()
        >> approve("ingest", "rebuild", "gate")
        >> publish()
        >> BanyanSparkOperator(
            task_id="plan", command=["plan", "draw", *ON_DAY, POLICY, ROSTER, "--json", DRY_RUN, "--to", PUBLISH]
        )
        >> report(["ingest", "rebuild", "gate", "publish", "plan"])
    )
