"""The operator scripts, on the lake of a real night and on a small one."""

import json
import os
import shutil
from pathlib import Path

import pytest

from conftest import BIN, HOME, REAL, ROOT, called

SCRIPTS = ROOT / "airflow/bin"


@pytest.fixture
def place(tmp_path):
    """A few files where lake, lists and deliveries lie, and the settings that say so."""
    for file in ("lake/1-raw/t/part-0.parquet", "lake/1-raw/t/_delta_log/00.json", "lists/supervision_list/latest.json"):
        write(tmp_path / file, file)
    for day in ("2025-01-01", "2025-06-30"):
        write(tmp_path / "deliveries" / day / "penalties_x.csv", day)
    return tmp_path, {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW_VAR_BANYAN_LAKE": str(tmp_path / "lake"),
        "AIRFLOW_VAR_BANYAN_PUBLISH": str(tmp_path / "lists"),
        "AIRFLOW_VAR_BANYAN_DELIVERIES": str(tmp_path / "deliveries"),
        "AIRFLOW_VAR_BANYAN_RUNS": str(tmp_path / "runs"),
        "BANYAN_PEOPLE_KEY": "0123456789abcdef" * 4,
    }


def write(file: Path, text: str):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize("script", ["install", "upgrade", "venv", "health", "backup", "restore", "purge", "rotate-keys", "seal"])
def test_each_says_what_it_does(script):
    ended = called(SCRIPTS / script, "--help")
    assert ended.returncode == 0 and script in ended.stdout + ended.stderr and len(ended.stdout + ended.stderr) > 80
    assert called(SCRIPTS / script, "--no-such-option").returncode == 2


def test_the_seed_of_the_next_plan_is_sealed_once(tmp_path):
    lake = {"AIRFLOW_VAR_BANYAN_LAKE": str(tmp_path / "lake")}
    first = called(SCRIPTS / "seal", **lake)
    assert first.returncode == 0 and "Sealed for plan" in first.stdout, first.stdout + first.stderr
    again = called(SCRIPTS / "seal", **lake)
    assert again.returncode == 0 and again.stdout.split("SHA-256 ")[1] == first.stdout.split("SHA-256 ")[1]
    assert called(SCRIPTS / "seal", AIRFLOW_VAR_BANYAN_LAKE="").returncode == 2


def test_a_backup_of_a_night_comes_back_whole(night, tmp_path):
    first = called(SCRIPTS / "backup", "--to", str(tmp_path / "backups"), **REAL)
    assert first.returncode == 0, first.stderr
    made = next((tmp_path / "backups").iterdir())
    restored = called(SCRIPTS / "restore", str(made), "--into", str(tmp_path / "again"), **REAL)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "The lake is whole." in restored.stdout
    assert tree(HOME / "real/lists") == tree(tmp_path / "again/lists")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_a_second_backup_links_what_stayed(place):
    folder, settings = place
    to = folder / "backups"
    assert called(SCRIPTS / "backup", "--to", str(to), **settings).returncode == 0
    write(folder / "lake/1-raw/t/part-1.parquet", "new")
    os.rename(next(to.iterdir()), to / "2025-01-01T000000")
    again = called(SCRIPTS / "backup", "--to", str(to), **settings)
    assert again.returncode == 0 and "6 files, 5 of them linked" in again.stdout, again.stdout + again.stderr
    newest = max(to.iterdir())
    assert (newest / "lake/1-raw/t/part-1.parquet").read_text() == "new"
    assert oct((newest / "lake/1-raw/t/part-1.parquet").stat().st_mode)[-2:] in ("44", "00")


def test_a_backup_waits_for_no_run_and_copies_none(place):
    import fcntl

    folder, settings = place
    with open(folder / "lake/.lock", "a") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        ended = called(SCRIPTS / "backup", "--to", str(folder / "backups"), **settings)
    assert ended.returncode == 5 and "a run is writing" in ended.stderr
    assert list((folder / "backups").glob("[0-9]*")) == []
    inside = called(SCRIPTS / "backup", "--to", str(folder / "lake/backups"), **settings)
    assert inside.returncode == 2 and "it lies in" in inside.stderr


def test_what_is_broken_or_in_the_way_is_not_restored(place):
    folder, settings = place
    called(SCRIPTS / "backup", "--to", str(folder / "backups"), **settings)
    made = next((folder / "backups").iterdir())
    there = called(SCRIPTS / "restore", str(made), **settings)
    assert there.returncode == 2 and "is not empty" in there.stderr
    write(made / "lake/1-raw/t/part-0.parquet", "rotten")
    rotten = called(SCRIPTS / "restore", str(made), "--into", str(folder / "new"), **settings)
    assert rotten.returncode == 3 and "1 of 5 files" in rotten.stderr and "part-0.parquet" in rotten.stderr
    assert not (folder / "new").exists()
    (folder / "lake/elsewhere").symlink_to(folder)
    linked = called(SCRIPTS / "backup", "--to", str(folder / "others"), **settings)
    assert linked.returncode == 2 and "is a link" in linked.stderr and list((folder / "others").iterdir()) == []
    none = called(SCRIPTS / "restore", str(folder / "lake"), **settings)
    assert none.returncode == 2 and "no backup" in none.stderr


def test_purge_tells_first_and_deletes_only_what_was_asked(place):
    folder, settings = place
    for file, age in (("runs/risk_daily/a/report.md", 500), ("runs/risk_daily/b/report.md", 5)):
        write(folder / file, "x")
        os.utime(folder / file, (folder.stat().st_mtime - age * 86400,) * 2)
    told = called(SCRIPTS / "purge", "--notices", "400", "--deliveries", "400", **settings)
    assert told.returncode == 0 and told.stdout.count("would delete ") == 3, told.stdout + told.stderr  # a notice, two days
    assert (folder / "deliveries/2025-01-01").exists() and (folder / "runs/risk_daily/a/report.md").exists()
    done = called(SCRIPTS / "purge", "--notices", "400", "--yes", **settings)
    assert done.returncode == 0 and not (folder / "runs/risk_daily/a/report.md").exists()
    assert (folder / "runs/risk_daily/b/report.md").exists() and (folder / "deliveries/2025-01-01").exists()
    write(folder / "runs/cards/m-1.zh.md", "x")
    os.utime(folder / "runs/cards/m-1.zh.md", (1, 1))
    write(folder / "lists/supervision_list/2025-01-01-0123456789ab/SHA256SUMS", "x")
    write(folder / "lists/supervision_list/2025-01-02-0123456789ab/SHA256SUMS", "x")
    kept = called(SCRIPTS / "purge", "--notices", "1", "--backups", str(folder / "lists/supervision_list"), "1", "--yes", **settings)
    assert kept.returncode == 0 and (folder / "runs/cards/m-1.zh.md").exists()
    assert len(list((folder / "lists/supervision_list").glob("2025-*"))) == 2, "lists are evidence, and no backups"
    assert called(SCRIPTS / "purge", "--notices", "0", **settings).returncode == 2
    assert called(SCRIPTS / "purge", "--backups", str(folder), "0", **settings).returncode == 2


def test_purge_keeps_deliveries_that_cannot_be_taken_in(place):
    folder, settings = place
    ended = called(SCRIPTS / "purge", "--deliveries", "400", "--yes", **settings)
    assert ended.returncode == 3 and "not all of them could be taken in" in ended.stderr, ended.stdout + ended.stderr
    assert (folder / "deliveries/2025-01-01/penalties_x.csv").exists()
    settings["BANYAN_PEOPLE_KEY"] = ""
    keyless = called(SCRIPTS / "purge", "--deliveries", "400", "--yes", **settings)
    assert keyless.returncode == 2 and "BANYAN_PEOPLE_KEY" in keyless.stderr
    assert (folder / "deliveries/2025-01-01/penalties_x.csv").exists()


@pytest.fixture(scope="module")
def installed():
    """An installation, with the environment that these tests run in."""
    home = HOME / "installed"
    home.mkdir()
    (home / "venv").symlink_to(BIN.parent)
    ended = bare(str(SCRIPTS / "install"), "--home", str(home), "--lake", REAL["AIRFLOW_VAR_BANYAN_LAKE"])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home


def bare(*command: str):
    """A command in an environment that knows nothing of the tests' Airflow."""
    unset = [f"--unset={name}" for name in os.environ if name.startswith(("AIRFLOW", "BANYAN"))]
    return called(Path("/usr/bin/env"), *unset, *command)


def sourced(home: Path, *command: str):
    """A command after the settings were read, as an operator gives it."""
    return bare("bash", "-c", f". {home}/banyan.env && " + " ".join(command))


def test_an_installation_stands_and_a_second_changes_nothing(installed):
    settings = installed / "banyan.env"
    before = settings.read_text()
    assert oct(settings.stat().st_mode)[-3:] == "600" and len(before.split("BANYAN_PEOPLE_KEY=")[1].split()[0]) == 64
    again = bare(str(SCRIPTS / "install"), "--home", str(installed))
    assert again.returncode == 0 and "Keeping the settings" in again.stdout and settings.read_text() == before
    pools = sourced(installed, "airflow", "pools", "get", "lake_writer", "-o", "json")
    assert json.loads(pools.stdout)[0]["slots"] == "1", pools.stderr


def test_health_names_what_is_not_well(installed):
    ended = sourced(installed, f"{SCRIPTS}/health", "--json", "--free", "0")
    assert ended.stdout.startswith("{"), ended.stdout + ended.stderr
    told = json.loads(ended.stdout)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert [name for name, of in told.items() if not of["well"]] == ["scheduler", "list"], told
    assert "SchedulerJob" in told["scheduler"]["found"] and "no list was ever published" in told["list"]["found"]


def test_the_key_of_airflows_connections_changes_and_they_stay(installed):
    sourced(installed, "airflow", "connections", "add", "secret", "--conn-type", "http", "--conn-password", "hush")
    before = (installed / "banyan.env").read_text()
    ended = sourced(installed, f"{SCRIPTS}/rotate-keys", "airflow")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    after = (installed / "banyan.env").read_text()
    assert [line for line in after.splitlines() if line not in before.splitlines()][0].startswith("export AIRFLOW__CORE__FERNET_KEY=")
    kept = sourced(installed, "airflow", "connections", "get", "secret", "-o", "json")
    assert json.loads(kept.stdout)[0]["password"] == "hush", kept.stdout + kept.stderr
