#!/usr/bin/env python3
"""The City of Chicago's food inspections as they would have been delivered: each month's on the first day of the next, licences by
the beginning of their term.

    jobs/trials/chicago.py FOLDER TO
    jobs/trials/chicago.py within FOLDER SET SCORES

FOLDER holds inspections_canvass, business_licence_at_inspection, violation_matrix and complaints_311_sanitation as .csv.gz (City of
Chicago, food-inspections-evaluation). TO gets one folder a month, TO/<day>/chicago/, as `banyan run --deliveries TO` takes them.
The second form tells the AUC among cases that the same anonymous group of inspectors looked at: SET is what `banyan snapshot` wrote,
SCORES what `banyan bench scorecard --scores` wrote. No model sees who inspects; this tells whether it foretells them all the same.
"""

import csv
import datetime
import gzip
import pathlib
import sys


def rows(folder, name):
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def delivered(day):
    """The first day of the month after a day."""
    month = datetime.date.fromisoformat(day).replace(day=28) + datetime.timedelta(days=4)
    return month.replace(day=1)


def main(folder, to):
    days = {}
    first = None
    for name, key, date in [
        ("inspections_canvass", "Inspection_ID", "Inspection_Date"),
        ("business_licence_at_inspection", "Inspection_ID", "LICENSE_TERM_START_DATE"),
        ("violation_matrix", "Inspection_ID", None),
        ("complaints_311_sanitation", None, "Creation_Date"),
    ]:
        read = rows(folder, name)
        header = next(read)
        parts = {}
        for row in read:
            said = row[header.index(date)] if date else ""
            if said:
                day = delivered(said)
            else:  # a row of the matrix, or an inspection without a licence
                day = days[row[header.index(key)]]
            if name == "inspections_canvass":
                days[row[header.index(key)]] = day
                first = min(first or day, day)
            parts.setdefault(max(day, first), []).append(row)  # what is older came with the first delivery
        for day, part in parts.items():
            path = to / day.isoformat() / "chicago" / f"{name}.csv.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([header, *part])
    print(f"{len(list(to.iterdir()))} deliveries in {to}")


def auc(pairs):
    """Of the pairs of a bad and a good case: how many the scores put right, and how many there are."""
    bad = [p for p, label in pairs if label]
    good = [p for p, label in pairs if not label]
    right = sum((b > g) + (b == g) / 2 for b in bad for g in good)
    return right, len(bad) * len(good)


def within(folder, cases, scores):
    read = rows(folder, "inspections_canvass")
    header = next(read)
    number = {}
    for row in read:
        number[row[header.index("License")], row[header.index("Inspection_Date")]] = row[header.index("Inspection_ID")]
    read = rows(folder, "inspector_cluster")
    header = next(read)
    team = {row[header.index("inspectionID")]: row[header.index("sanitarian")] for row in read}
    with open(cases, encoding="utf-8", newline="") as file:
        lines = {number: row for number, row in enumerate(csv.DictReader(file), start=2)}
    teams = {}
    with open(scores, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            case = lines[int(row["line"])]
            looked = number.get((case["entity_id"].removeprefix("chicago:"), case["looked_on"]))
            teams.setdefault(team.get(looked), []).append((float(row["probability"]), row["bad"] == "1"))
    unknown = len(teams.pop(None, []))
    counted = [auc(pairs) for pairs in teams.values()]
    pooled = auc([pair for pairs in teams.values() for pair in pairs])
    print(f"{sum(map(len, teams.values()))} cases of {len(teams)} groups, of {unknown} the group is not known")
    print(f"AUC of all {pooled[0] / pooled[1]:.4f}, within groups {sum(r for r, _ in counted) / sum(n for _, n in counted):.4f}")


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "within":
        within(*map(pathlib.Path, sys.argv[2:]))
        sys.exit()
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
