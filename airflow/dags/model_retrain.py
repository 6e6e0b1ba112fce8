"""
### 模型重训

以湖中已成熟的历史重新拟合一个模型，回看、检查并留作候选；未通过检查即失败，不重试。此后评估在用版本，
经人工批准后，自批准当日的名单起启用新版本。点时快照由 train 自己取：先取快照再训练会把同样的历史读两遍。
"""

from datetime import timedelta

from airflow.sdk import DAG, Param

from banyan_airflow.dags import LAKE, MODELS, ON_DAY, POLICY, common, form, report, scheduled
from banyan_airflow.operators import Approval, BanyanSparkOperator

CARDS = "{{ var.value.banyan_runs }}/cards"
NEW = "{{ ti.xcom_pull(task_ids='train')['model_version'] }}"
WHO = "{{ ((ti.xcom_pull(task_ids='approve') or {}).get('responded_by_user') or {}).get('name') or params.by }}"

with DAG(
    "model_retrain",
    schedule=scheduled("model_retrain", "0 6 2 1,4,7,10 *"),
    dagrun_timeout=timedelta(days=8),
    params=form("day")
    | {
        "model": Param("inspection_problem", enum=MODELS, title="模型"),
        "kind": Param("scorecard", enum=["scorecard", "gbm"], title="种类"),
        "to": Param("challenger", enum=["challenger", "champion"], title="启用为", description="挑战者只在旁评分，不上名单"),
        "by": Param("监管数据科", type="string", minLength=1, title="申请人", description="写入模型台账"),
    },
    doc_md=__doc__,
    **common(),
):
    (
        BanyanSparkOperator(
            task_id="train",
            command=["train", "{{ params.model }}", *ON_DAY, POLICY, "--kind", "{{ params.kind }}", "--by", "{{ params.by }}"]
            + ["--card", CARDS, "--must-pass", "--json"],
        )
        >> BanyanSparkOperator(
            task_id="evaluate",
            command=["evaluate", "{{ params.model }}", *ON_DAY, POLICY, "--card", CARDS, "--json"],
            nothing="done",
        )
        >> Approval(
            task_id="approve",
            wanted="True",
            subject="启用模型 {{ params.model }} " + NEW + "（{{ params.to }}）",
            body="{{ of_run(ti, ['train']) }}\n\n模型卡：" + CARDS,
            response_timeout=timedelta(days=7),
        )
        >> BanyanSparkOperator(
            task_id="promote",
            command=["promote", "{{ params.model }}", NEW, "--to", "{{ params.to }}", "--lake", LAKE]
            + ["--as-of", "{{ today(ti) }}", "--by", WHO]
            + ["--reason", "approved in run {{ run_id }}"],
        )
        >> report(["train"])
    )
