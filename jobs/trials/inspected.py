#!/usr/bin/env python3
"""
Inspects a plan in play: writes what inspectors would deliver of it, with problems found at known rates of each class, so that
`banyan feedback` can be seen to find them again. Made up, and says so. With a published list and a word, problems are found three times
as often, or at 95 % at most, at those whose reasons on the list hold the word: what `banyan policy fit` is to find.

    jobs/trials/inspected.py PUBLISH/inspection_plan/2025M07-…/inspection_plan_2025M07.csv DELIVERIES/2025-07-31 [LIST.csv WORD]
"""

import csv
import hashlib
import sys
from datetime import date, timedelta
from pathlib import Path

RATES = {"A": 0.05, "B": 0.20, "C": 0.40, "D": 0.70}  # of those checked, where a problem is found
UNVISITED = 0.15  # nobody came yet
NOTHING = 0.05  # nothing of the item is carried on
HEADER = "检查编号,抽查计划编号,抽查事项,检查类型,检查日期,公示日期,检查结果,检查机关,统一社会信用代码,企业名称,行政区划,数据更新日期,操作标志"


def chance(*of: str) -> float:
    """A number in [0, 1) that follows from a text, as if by chance."""
    return int(hashlib.sha256("|".join(of).encode()).hexdigest()[:13], 16) / 16**13


def worse(listed: Path, word: str) -> set[str]:
    """Those whose reasons on a list hold a word."""
    with open(listed, encoding="utf-8") as lines:
        return {row["entity_id"] for row in csv.DictReader(lines) if any(word in row[f"reason_{n}"] for n in (1, 2, 3))}


def main(plan: Path, to: Path, often: set[str]) -> None:
    with open(plan, encoding="utf-8") as lines:
        drawn = [row for row in csv.DictReader(lines) if row["reserve"] == "false"]
    file = to / "city_supervision" / f"检查结果_{to.name.replace('-', '')}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, lineterminator="\n")
        write.writerow(HEADER.split(","))
        for n, row in enumerate(drawn):
            of = (row["item"], row["entity_id"])
            if chance("visited", *of) < UNVISITED:
                continue
            on = date.fromisoformat(row["due_date"]) - timedelta(days=int(28 * chance("day", *of)))
            rate = RATES[row["class_at_selection"]]
            bad = chance("problem", *of) < (min(0.95, 3 * rate) if row["entity_id"] in often else rate)
            result = "发现问题已责令改正" if bad else "未发现问题"
            if chance("nothing", *of) < NOTHING:
                result = "未发现开展本次抽查涉及的经营活动"
            number = f"示例检〔{on.year}〕{row['plan_id'][-2:]}{n:05}号"
            write.writerow(
                [number, row["plan_id"], row["item_name"], "双随机抽查", on, on + timedelta(days=10), result, "示例局",
                 row["credit_code"], row["name"], row["area_code"], to.name, ""]
            )
    print(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), worse(Path(sys.argv[3]), sys.argv[4]) if len(sys.argv) > 3 else set())
