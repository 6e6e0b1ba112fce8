"""
### 每周回看

抽查计划的检查结果按抽取时的类别归集：哪些逾期未检查、未公示，各类别的问题发现率。一周前的名单，以今天所知再看一遍：
有哪些主体当时会是另一类（迟到的数据、更正、撤销、修复）；数据源是否按时、有何可疑；在用模型启用以来准不准。
只看、只记录，不改任何已发布的名单和计划。
"""

from datetime import timedelta

from airflow.sdk import DAG

from banyan_airflow.dags import LAKE, MODELS, ON_DAY, POLICY, common, form, report, scheduled
from banyan_airflow.operators import BanyanSparkOperator

WEEK_AGO = "{{ days_before(business_day(dag_run, params), 7) }}"

with DAG(
    "feedback_weekly",
    schedule=scheduled("feedback_weekly", "0 7 * * 1"),
    dagrun_timeout=timedelta(hours=12),
    params=form("day"),
    doc_md=__doc__,
    **common(),
):
    looked = [
        BanyanSparkOperator(task_id="feedback", command=["feedback", *ON_DAY, POLICY, "--json"]),
        BanyanSparkOperator(
            task_id="restate",
            command=["restate", "--lake", LAKE, "--as-of", WEEK_AGO, "--or-earlier", POLICY, "--json", "--quiet"],
        ),
        BanyanSparkOperator(task_id="quality", command=["quality", *ON_DAY, "--json"]),
        *(
            BanyanSparkOperator(task_id=f"evaluate_{model}", command=["evaluate", model, *ON_DAY, POLICY, "--json"])
            for model in MODELS
        ),
    ]
    told = report.override(trigger_rule="none_failed")(["feedback", "restate", "quality", *(f"evaluate_{model}" for model in MODELS)])
    looked >> told
