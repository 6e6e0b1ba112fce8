"""What people are told of a run: a Markdown file beside the others of the run and, where one is set up, a message to a webhook."""

import json
import logging
import urllib.request

from airflow.sdk import Connection, Variable
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

from banyan_airflow.days import business_day, run_folder

INTERNAL = "内部参考，仅用于配置监管资源：不评价、不惩戒、不公开、不免抽。"
WEBHOOK = "banyan_webhook"
CLASSES = {"unclassified": "未分类"}
VERDICTS = {"WARN": "提示", "BLOCK": "拦截"}
LABELS = {
    "seconds": "耗时（秒）",
    "run_id": "台账编号",
    "policy_version": "政策版本",
    "model_version": "模型版本",
    "restatements": "当时会是另一类的主体",
    "plan_id": "抽查计划",
    "sealed_for": "已封存种子的计划",
    "commitment": "种子指纹（SHA-256）",
    "visits": "检查户次",
    "without_team": "未派检查人员",
    "overdue": "逾期未检查",
    "unpublished": "逾期未公示",
}
log = logging.getLogger(__name__)


def of_run(ti, tasks: list[str]) -> str:
    """What the tasks of a run did, in Chinese, as Markdown: the result first, then a line for each that ran. Counts only, no firm."""
    done = {task: summary for task in tasks if isinstance(summary := ti.xcom_pull(task_ids=task), dict)}
    listed = next((summary for summary in reversed(done.values()) if summary.get("classes")), {})
    lines = []
    if listed.get("publication"):
        lines.append(f"- 名单：{listed['publication']}" + ("（与此前发布的相同）" if listed.get("already") else ""))
    if listed:
        lines.append("- 分类：" + "，".join(f"{CLASSES.get(name, name)} {n:,}" for name, n in listed["classes"].items()))
    lines += [
        f"- 门禁{VERDICTS[check['verdict']]}：{check['check']}：{check['found']}"
        for check in listed.get("gate", [])
        if check["verdict"] in VERDICTS
    ]
    return "\n".join([*lines, *(f"- {task}：{_brief(summary)}" for task, summary in done.items())]) or "（无摘要）"


def _brief(summary: dict) -> str:
    """One task in a line."""
    aside = {t["name"]: t["quarantined"] for t in summary.get("tables", []) if isinstance(t, dict) and t.get("quarantined")}
    said = [f"{label} {summary[key]}" for key, label in LABELS.items() if key in summary]
    said += ["隔离 " + "、".join(f"{name} {n:,}" for name, n in aside.items())] if aside else []
    return "，".join(said) or "完成"


def failed(context) -> None:
    """Tells that a task failed for good, for which day, and what was done before it; the file, not the message, what it said."""
    ti, dag_run = context["ti"], context["dag_run"]
    day = business_day(dag_run, context["params"])
    before = ti.task.get_flat_relative_ids(upstream=True)
    done = of_run(ti, [task.task_id for task in ti.task.dag.topological_sort() if task.task_id in before])
    said = str(context.get("exception"))
    _tell(
        dag_run,
        f"{ti.task_id}.failed.md",
        f"失败：{dag_run.dag_id} {day} {ti.task_id}",
        f"运行 {dag_run.run_id}，第 {ti.try_number} 次尝试：{said.splitlines()[0]}\n\n有效的名单以 latest.json 所指为准。\n\n{done}",
        f"```\n{said}\n```",
    )


def asked(context, subject: str, body: str) -> None:
    """Tells that a run waits for a person."""
    _tell(context["dag_run"], f"{context['ti'].task_id}.md", f"待审批：{subject}", f"请在 Airflow“待办事项”中批准或拒绝。\n\n{body}")


def overdue(context) -> None:
    """Tells that a run took longer than it may; of what failed itself the task has told already."""
    if context.get("reason") != "timed_out":
        return
    dag_run = context["dag_run"]
    _tell(dag_run, "overdue.md", f"超时：{dag_run.dag_id} {dag_run.run_id}", "运行超过时限，已中止。有效的名单以 latest.json 所指为准。")


def report(context, tasks: list[str]) -> str:
    """Tells what a run did. Returns the path of the file."""
    dag_run, ti = context["dag_run"], context["ti"]
    day = business_day(dag_run, context["params"])
    title = f"{dag_run.dag_id} {day}" + (" 试运行" if context["params"].get("dry_run") else "")
    return _tell(dag_run, "report.md", title, of_run(ti, tasks))


def _tell(dag_run, name: str, title: str, body: str, kept: str = "") -> str:
    """Writes a notice and posts it; what is `kept` stands in the file alone."""
    text = f"# {title}\n\n{INTERNAL}\n\n{body}\n"
    folder = run_folder(Variable.get("banyan_runs"), dag_run)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / name
    file.write_text(f"{text}\n{kept}\n" if kept else text, encoding="utf-8")
    file.chmod(0o600)
    _post(title, text)
    return str(file)


def _post(title: str, text: str) -> None:
    """Posts to the connection `banyan_webhook`: its host is the address, its password what is appended to it and kept secret."""
    try:
        to = Connection.get(WEBHOOK)
    except (AirflowNotFoundException, AirflowRuntimeError):
        return
    message = {"msgtype": "markdown", "markdown": {"title": title, "content": text, "text": text}}
    try:
        request = urllib.request.Request(
            f"{to.host}{to.password or ''}", json.dumps(message).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            log.info("The webhook answered %s", answer.status)
    except Exception as fault:  # a notice that does not arrive fails no run; what a fault says may hold the secret
        log.warning("The webhook could not be reached: %s", type(fault).__name__)
