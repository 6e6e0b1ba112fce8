"""What the operator scripts in airflow/bin share: needs Python alone, no Airflow."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[3]
SUMS = "SHA256SUMS"


class Refused(Exception):
    """What could not be done, why, and what to do; and the exit code it ends in."""

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


def run(main) -> None:
    """Calls a script's main function; a refusal is a message on stderr and an exit code."""
    os.umask(0o077)
    try:
        main()
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(refused.code)


def setting(name: str) -> Path:
    """A path that banyan.env tells."""
    if not os.environ.get(f"AIRFLOW_VAR_BANYAN_{name}"):
        raise Refused(2, f"Cannot go on: AIRFLOW_VAR_BANYAN_{name} is not set. Read the settings first: . banyan.env")
    return Path(os.environ[f"AIRFLOW_VAR_BANYAN_{name}"])


def banyan(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A command of Banyan's, however it ends; what it says is kept."""
    return subprocess.run(
        [ROOT / "banyan", *arguments], env=os.environ | environment, capture_output=True, text=True, check=False
    )


def now() -> datetime:
    """By the city's clock, to the second."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(microsecond=0)


@contextmanager
def locked(lake: Path):
    """Holds the lake's one lock, as a run does, so that nothing is written meanwhile."""
    if not lake.is_dir():
        raise Refused(2, f"Cannot lock {lake}: there is no such lake.")
    with open(lake / ".lock", "a") as lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(5, f"Cannot lock {lake}: a run is writing to it. Wait for it to end, then run this again.") from None
        yield


def sha256(file: Path) -> str:
    """Of a file's bytes, in hex."""
    with open(file, "rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def files(folder: Path) -> list[Path]:
    """
    All files below a folder, without locks and what is on its way.

    :raises Refused: where one is a link, whose target would be left behind
    """
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    if links:
        raise Refused(2, f"Cannot copy {folder}: {links[0]} is a link to elsewhere. Put the file itself there.")
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and not {".lock", ".staging", ".incoming"} & set(file.relative_to(folder).parts)
    )


def copy(source: Path, to: Path, before: Path | None, sums: dict[str, str]) -> dict[str, str]:
    """
    Copies a folder, by links to the files of an earlier copy where size and time are the same.

    :param before: the earlier copy of the folder, or None
    :param sums: path → SHA-256 of the earlier copy
    :return: path → SHA-256 of all files, paths below the folder
    """
    told = {}
    for file in files(source):
        name = str(file.relative_to(source))
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        old = before / name if before else None
        if old and name in sums and old.is_file() and _same(file, old):
            os.link(old, target)
            told[name] = sums[name]
        else:
            shutil.copy2(file, target)
            told[name] = sha256(target)
    return told


def _same(one: Path, other: Path) -> bool:
    a, b = one.stat(), other.stat()
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def write_sums(to: Path, sums: dict[str, str]) -> None:
    """As `sha256sum -c` reads them."""
    (to / SUMS).write_text("".join(f"{sha}  {name}\n" for name, sha in sorted(sums.items())))


def read_sums(folder: Path) -> dict[str, str]:
    """Path → SHA-256."""
    return {line[66:]: line[:64] for line in (folder / SUMS).read_text().splitlines()}
