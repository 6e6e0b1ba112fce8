"""
### 每日风险分级

接收当日送达的数据，归集、评分，经门禁（及可选的人工审批）后发布监管名单。名单仅供内部参考。

| 任务 | 内容 |
| --- | --- |
| ingest | 接收数据。自上一份名单以来没有新数据、政策和模型也未变时，整次运行显示为“跳过” |
| conform | 清洗、编码、归集到主体名下 |
| score | 指标、分类、专项、模型 |
| gate | 生成名单并过门禁；被拦截即失败，不重试，原名单继续有效 |
| approve | 表单中要求审批时，等待批准 |
| publish | 发布快照，最后切换指针 |
| report | 写出本次运行的通报，并发送（如已配置） |

手工运行：留空评价日即处理昨天。补数：`airflow backfill create --dag-id risk_daily --from-date … --to-date …`。
"""

from datetime import timedelta

from airflow.sdk import DAG, Param

from banyan_airflow.dags import approve, common, form, gate, ingest, nightly, publish, report, stage

EMPTY = Param(False, type="boolean", title="没有新数据也重算", description="否则没有新数据的日子显示为“跳过”")

with DAG(
    "risk_daily",
    schedule=nightly("risk_daily"),
    dagrun_timeout=timedelta(hours=12),
    params=form() | {"even_if_empty": EMPTY},
    doc_md=__doc__,
    **common(),
):
    worked = ["ingest", "conform", "score", "gate", "publish"]
    (
        ingest(nothing="{{ 'done' if params.even_if_empty else 'skipped' }}")
        >> stage("conform", "conform")
        >> stage("score", "score")
        >> gate()
        >> approve("ingest", "score", "gate")
        >> publish()
        >> report(worked)
    )
