#!/usr/bin/env python3
"""The City of Chicago's food inspections as they would have been delivered: each month's on the first day of the next, licences by
the beginning of their term.

    jobs/trials/chicago.py FOLDER TO
    jobs/trials/chicago.py lookers FOLDER FILE

FOLDER holds inspections_canvass, business_licence_at_inspection, violation_matrix and complaints_311_sanitation as .csv.gz (City of
Chicago, food-inspections-evaluation). TO gets one folder a month, TO/<day>/chicago/, as `banyan run --deliveries TO` takes them.
The second form writes which anonymous group of inspectors looked at whom, for `banyan train --lookers FILE`: no lake and no model
gets to see it.
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


def lookers(folder, to):
    read = rows(folder, "inspector_cluster")
    header = next(read)
    group = {row[header.index("inspectionID")]: row[header.index("sanitarian")] for row in read}
    read = rows(folder, "inspections_canvass")
    header = next(read)
    with open(to, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["entity_id", "looked_on", "group"])
        for row in read:
            said = {name: row[header.index(name)] for name in ["Inspection_ID", "License", "Inspection_Date"]}
            if said["Inspection_ID"] in group:
                out.writerow(["chicago:" + said["License"], said["Inspection_Date"], group[said["Inspection_ID"]]])


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "lookers":
        lookers(*map(pathlib.Path, sys.argv[2:]))
        sys.exit()
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
