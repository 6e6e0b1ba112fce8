"""
### 每月全量重算与抽查计划

每月 1 日为上月最后一天接收已送达的数据，从头重算（不沿用前一日结果），核对湖中各表与台账，过门禁、审批、发布；
再按重算的类别抽取本月“双随机”检查计划，并封存下月计划的随机种子。

重算结果应与当日逐日结果逐字节相同：相同时 publish 显示“此前已发布”；不同则产生新的快照，并在通报中可见。
种子提前一个月封存，封存时只通报其指纹，抽取后随计划公布，可以复核；计划抽取一次，不再更改。首月的种子由 install 封存。
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

NEXT_MONTHS = "{{ month_end(business_day(dag_run, params), 1) }}"

with DAG(
    "risk_monthly",
    schedule=scheduled("risk_monthly", "0 4 1 * *"),
    dagrun_timeout=timedelta(hours=24),
    params=form(),
    doc_md=__doc__,
    **common(),
):
    # Of a month ahead, so it waits for nothing: a month whose list is refused still has a seed for the next.
    seal = BanyanSparkOperator(
        task_id="seal",
        command=["plan", "seal", "--lake", LAKE, "--as-of", NEXT_MONTHS, POLICY, "--json", DRY_RUN],
        nothing="done",
    )
    plan = BanyanSparkOperator(
        task_id="plan",
        command=["plan", "draw", *ON_DAY, POLICY, ROSTER, "--json", DRY_RUN, "--to", PUBLISH],
        nothing="done",
    )
    (
        ingest(nothing="done")
        >> BanyanSparkOperator(task_id="rebuild", command=["build", "all", *BY_POLICY, DRY_RUN])
        >> BanyanSparkOperator(task_id="check", command=["lake", "check", "--lake", LAKE])
        >> gate()
        >> approve("ingest", "rebuild", "gate")
        >> publish()
        >> plan
    )
    [plan, seal] >> report(["ingest", "rebuild", "gate", "publish", "plan", "seal"])
