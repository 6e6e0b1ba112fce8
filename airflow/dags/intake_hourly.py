"""
### 每小时收件

把各报送单位已放齐的批次（有 `_SUCCESS`）从投递目录移入接收目录，记为当天收到；没有放齐的批次时显示为“跳过”。
"""

from datetime import timedelta

from airflow.sdk import DAG

from banyan_airflow.dags import DELIVERIES, common, scheduled
from banyan_airflow.operators import BanyanSparkOperator

with DAG(
    "intake_hourly",
    schedule=scheduled("intake_hourly", "30 * * * *"),
    dagrun_timeout=timedelta(hours=1),
    doc_md=__doc__,
    **common(),
):
    BanyanSparkOperator(
        task_id="collect",
        command=["collect", "--drop", "{{ var.value.banyan_drop }}", "--deliveries", DELIVERIES, "--as-of", "{{ today(ti) }}"],
        pool="default_pool",  # it writes no lake
    )
