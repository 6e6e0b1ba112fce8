"""How a Banyan command is run, and how a person is asked."""

import json
import os
from collections import deque
from pathlib import Path

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.common.compat.sdk import AirflowException
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowRuntimeError, AirflowSkipException

from banyan_airflow import notices

HOME = Path(os.environ.get("BANYAN_HOME", Path(__file__).resolve().parents[3]))
JAR = HOME / "jobs/target/banyan-jobs-0.1.0.jar"
SPARK_SUBMIT = HOME / "airflow/bin/spark-submit"

NOTHING = 99
FINAL = {2: "wrong command", 3: "the data or the gate refused", 4: "contract or policy invalid", 101: "no such main class"}


class BanyanSparkOperator(SparkSubmitOperator):
    """
    One Banyan command through spark-submit. Master, deploy mode and queue are those of the connection `spark_banyan`.

    Exit codes become states: 99 skipped (or done, where `nothing` renders to "done"), 2, 3, 4 and 101 failed for good, all others
    failed and tried again. The object that `--json` prints is the XCom and the extra of every outlet.

    :param command: the command and its arguments, each a template; one that renders empty is left out
    An outlet is told of only where something was published.

    :param nothing: what becomes of a command that finds nothing to do: "skipped" or "done"; a template
    """

    template_fields = (*SparkSubmitOperator.template_fields, "nothing")

    def __init__(self, *, command: list[str], nothing: str = "skipped", **kwargs):
        kwargs.setdefault("conn_id", "spark_banyan")
        kwargs.setdefault("pool", "lake_writer")  # one slot: a lake has one writer
        super().__init__(
            application=str(JAR),
            java_class="banyan.jobs.Main",
            name="banyan-{{ task.task_id }}",
            spark_binary=str(SPARK_SUBMIT),
            application_args=command,
            durable=False,  # Banyan's own tables make a second try safe
            properties_file=os.environ.get("BANYAN_SPARK_CONF"),
            **kwargs,
        )
        self.nothing = nothing
        self._said: deque[str] = deque(maxlen=30)
        self._summary: dict | None = None

    def execute(self, context):
        self.application_args = [argument for argument in self.application_args if argument]
        try:
            super().execute(context)
        except AirflowException as failure:
            self._end(self._code(), failure)
        summary = self._summary or {}
        self.outlets = self.outlets if summary.get("publication") else []
        for outlet in self.outlets:
            context["outlet_events"][outlet].extra = summary
        return self._summary

    def _get_hook(self):
        try:
            Connection.get(self._conn_id)  # the hook would take YARN where there is none
        except (AirflowNotFoundException, AirflowRuntimeError):
            raise AirflowFailException(f"Cannot run: there is no connection {self._conn_id}. See airflow/README.md.") from None
        hook = super()._get_hook()
        read = hook._process_spark_submit_log
        hook._process_spark_submit_log = lambda lines: read(self._heard(lines))
        return hook

    def _heard(self, lines):
        """Passes lines of output on, and keeps the last of them and the last that is an object."""
        for line in lines:
            if line.startswith("{"):
                try:
                    self._summary = json.loads(line)
                except ValueError:
                    self._said.append(line.rstrip())
            elif line.strip():
                self._said.append(line.rstrip())
            yield line

    def _code(self) -> int:
        of_pod = getattr(self._hook, "_spark_exit_code", None) or 0
        return of_pod or getattr(self._hook._submit_sp, "returncode", None) or 1

    def _end(self, code: int, failure: Exception):
        said = "\n".join(self._said)
        if code == NOTHING and self.nothing == "done":
            self.log.info("Nothing to do, and the run goes on")
            return
        if code == NOTHING:
            raise AirflowSkipException(said) from failure
        if code in FINAL:
            raise AirflowFailException(f"exit {code}: {FINAL[code]}; not tried again\n{said}") from failure
        raise AirflowException(f"exit {code}\n{said}") from failure


class Approval(ApprovalOperator):
    """
    A person's consent, where it is wanted: without it nothing after this task runs, whatever its trigger rule.

    :param wanted: a template; unless it renders to "True" the task passes by itself
    """

    template_fields = (*ApprovalOperator.template_fields, "wanted")

    def __init__(self, *, wanted: str, **kwargs):
        super().__init__(ignore_downstream_trigger_rules=True, retries=0, **kwargs)
        self.wanted = wanted

    def execute(self, context):
        if self.wanted != "True":
            self.log.info("No approval is wanted")
            return None
        notices.asked(context, self.subject, self.body)
        return super().execute(context)
