"""The same night by another connection alone: Spark's own master and a worker on this machine, which know no jar of Banyan's."""

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest

from conftest import HOME, REAL, ROOT, tried

pytestmark = pytest.mark.long
LOCAL_NIGHT = HOME / "real/lists/supervision_list"


@contextmanager
def standalone():
    """A cluster of one worker with two cores; its master's address."""
    home = HOME / "standalone"
    jars = home / "jars"
    jars.mkdir(parents=True)
    for jar in (ROOT / "jobs/cluster/target/spark.classpath").read_text().strip().split(os.pathsep):
        (jars / os.path.basename(jar)).symlink_to(jar)
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_SCALA_VERSION": "2.13",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(home / "scratch"),
    }
    opens = [
        part
        for package in ("java.lang", "java.lang.invoke", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch", "sun.security.action")
        for part in ("--add-opens", f"java.base/{package}=ALL-UNNAMED")
    ]
    running = []

    def start(name: str, *command: str):
        log = open(home / f"{name}.log", "w")
        java = ["java", *opens, "-Xmx256m", "-cp", f"{jars}/*", *command]
        running.append(subprocess.Popen(java, env=environment, stdout=log, stderr=log, start_new_session=True))

    def said(pattern: str) -> re.Match:
        ends = time.monotonic() + 120
        while not (found := re.search(pattern, (home / "master.log").read_text())):
            assert time.monotonic() < ends and running[0].poll() is None, (home / "master.log").read_text()
            time.sleep(0.2)
        return found

    try:
        start("master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        master = said(r"Starting Spark master at (spark://127\.0\.0\.1:\d+)").group(1)
        start(
            *("worker", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"),
            *("--cores", "2", "--memory", "2g", "--work-dir", str(home / "work"), master),
        )
        said("Registering worker")
        yield master
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


def test_a_cluster_is_a_matter_of_the_connection(night):
    conf = HOME / "standalone.conf"
    own = (ROOT / "jobs/cluster/standalone.conf").read_text()
    conf.write_text(re.sub(r"(spark\.executor\.memory +)3g", r"\g<1>1500m", own) + "spark.driver.host 127.0.0.1\n")
    lists = HOME / "cluster/lists/supervision_list"
    shutil.copytree(HOME / "real/deliveries", HOME / "cluster/deliveries")
    with standalone() as master:
        ended = tried(
            *("dags", "test", "risk_daily", "2025-06-30"),
            **REAL
            | {
                "AIRFLOW_CONN_SPARK_BANYAN": json.dumps({"conn_type": "spark", "host": master, "extra": {"deploy-mode": "client"}}),
                "BANYAN_SPARK_CONF": str(conf),
                "AIRFLOW_VAR_BANYAN_LAKE": str(HOME / "cluster/lake"),
                "AIRFLOW_VAR_BANYAN_DELIVERIES": str(HOME / "cluster/deliveries"),
                "AIRFLOW_VAR_BANYAN_PUBLISH": str(HOME / "cluster/lists"),
                "AIRFLOW_VAR_BANYAN_RUNS": str(HOME / "cluster/runs"),
            },
        )
        log = (HOME / "standalone/master.log").read_text()
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert log.count("Registered app banyan-") == 5, "ingest, conform, score, gate and publish, each on the cluster"
    here, there = (json.loads((of / "latest.json").read_text())["snapshot"] for of in (LOCAL_NIGHT, lists))
    assert there == here, "named after its bytes"
