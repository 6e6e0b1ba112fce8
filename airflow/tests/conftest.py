"""
Airflow as it is, with a home and a database of its own, laid out before it is imported. Commands go to a spark-submit that writes down
what it was given and ends as a test says; the tests that say so use Banyan's own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="banyan-airflow-"))
BIN = Path(sys.executable).parent
SCRIPTED = HOME / "banyan"  # where the operator looks for spark-submit and models: a test's own

ENVIRONMENT = {
    "AIRFLOW_HOME": str(HOME / "home"),
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "airflow/dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "airflow/plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW_CONN_SPARK_BANYAN": '{"conn_type": "spark", "host": "local[2]", "extra": {"deploy-mode": "client"}}',
    "AIRFLOW_VAR_BANYAN_LAKE": str(HOME / "lake"),
    "AIRFLOW_VAR_BANYAN_DELIVERIES": str(HOME / "deliveries"),
    "AIRFLOW_VAR_BANYAN_DROP": str(HOME / "drop"),
    "AIRFLOW_VAR_BANYAN_PUBLISH": str(HOME / "lists"),
    "AIRFLOW_VAR_BANYAN_RUNS": str(HOME / "runs"),
    "BANYAN_HOME": str(SCRIPTED),
}
for name in [name for name in os.environ if name.startswith(("AIRFLOW", "BANYAN_CRON", "BANYAN_APPROVAL", "BANYAN_SPARK"))]:
    del os.environ[name]  # those of the shell that the tests were begun in
os.environ.update(ENVIRONMENT)
sys.path.insert(0, str(ROOT / "airflow/plugins"))

SUBMIT = f"""#!{sys.executable}
import json, pathlib, sys
here = pathlib.Path({str(SCRIPTED)!r})
with open(here / "submitted.jsonl", "a") as to:
    to.write(json.dumps(sys.argv[1:]) + "\\n")
command = sys.argv[next(i for i, a in enumerate(sys.argv) if a.endswith(".jar")) + 1:]
plan = json.loads((here / "plan.json").read_text())
key = next((k for k in plan if k == " ".join(command)[: len(k)]), "")
codes, said = plan.get(key, [[0], ""])
print(said, file=sys.stderr)
code = codes.pop(0) if len(codes) > 1 else codes[0]
(here / "plan.json").write_text(json.dumps(plan))
if code == 0:
    summary = {{"command": command[0], "run_id": "r000001", "classes": {{"A": 9, "D": 1}}, "model_version": "0123456789ab"}}
    if "--stage publish" in " ".join(command):
        summary["fingerprint"] = "-42"
    if command[0] == "publish" and "--dry-run" not in command:
        summary["publication"] = "lists/2025-06-30-0123456789ab"
    print(json.dumps(summary))
sys.exit(code)
"""


@pytest.fixture(scope="session", autouse=True)
def airflow_home():
    """A database, a pool, and the scripted spark-submit; all of it gone in the end."""
    submit = SCRIPTED / "airflow/bin/spark-submit"
    submit.parent.mkdir(parents=True)
    submit.write_text(SUBMIT)
    submit.chmod(0o755)
    shutil.copytree(ROOT / "models/learned", SCRIPTED / "models/learned")
    airflow("db", "migrate")
    airflow("pools", "set", "lake_writer", "1", "one writer a lake")
    yield
    shutil.rmtree(HOME)


def airflow(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The real command line, which must end in 0."""
    ended = tried(*arguments, **environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def tried(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The real command line, however it ends."""
    return called(BIN / "airflow", *arguments, **environment)


def told(*arguments: str) -> list[dict]:
    """The rows that a command of Airflow's prints, among whatever else it says."""
    return rows(airflow(*arguments, "-o", "json").stdout)


def rows(printed: str) -> list[dict]:
    """Those of the one line that is a list of objects; none where there is no such line."""
    lines = [line for line in printed.splitlines() if line.startswith("[{")]
    return json.loads(lines[-1]) if lines else []


def called(command: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Any command, with Airflow's environment on its path, however it ends."""
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}
    return subprocess.run(
        [command, *arguments], env=os.environ | path | environment, capture_output=True, text=True, check=False
    )


# Banyan's own spark-submit on the samples: rows are read faster than code for them is compiled.
REAL = {
    "BANYAN_HOME": str(ROOT),
    "BANYAN_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
    " -Dspark.sql.adaptive.enabled=false -Dspark.sql.shuffle.partitions=2",
    "AIRFLOW_VAR_BANYAN_LAKE": str(HOME / "real/lake"),
    "AIRFLOW_VAR_BANYAN_DELIVERIES": str(HOME / "real/deliveries"),
    "AIRFLOW_VAR_BANYAN_PUBLISH": str(HOME / "real/lists"),
    "AIRFLOW_VAR_BANYAN_RUNS": str(HOME / "real/runs"),
}


@pytest.fixture(scope="session")
def night(airflow_home):
    """The list of 2025-06-30, made of data-samples by a real run of risk_daily; what the run said."""
    for day in ("2025-06-20", "2025-06-30"):
        shutil.copytree(ROOT / "data-samples" / day, HOME / "real/deliveries" / day)
    return tried("dags", "test", "risk_daily", "2025-06-30", **REAL)


class Script:
    """What the scripted spark-submit does, and was given."""

    def __init__(self):
        (SCRIPTED / "submitted.jsonl").write_text("")
        self.says({})

    def says(self, plan: dict[str, tuple[list[int], str]]):
        """Beginning of a command → the codes it ends in, one call after the other, the last for ever; and what it says."""
        (SCRIPTED / "plan.json").write_text(json.dumps(plan))

    def submitted(self) -> list[list[str]]:
        return [json.loads(line) for line in (SCRIPTED / "submitted.jsonl").read_text().splitlines()]


@pytest.fixture
def script():
    return Script()
