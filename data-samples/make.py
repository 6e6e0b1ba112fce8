#!/usr/bin/env python3
"""Write the synthetic city of data-samples: the same bytes on every run, nothing but the standard library.

    python3 data-samples/make.py

  city.py    the entities, and which class each enterprise is meant to end in (PROFILES for groups, STORIES for single ones)
  tables.py  registrations, reports, listings; plant(row, what, must) marks a row that is dirty or instructive
  facts.py   penalties, samplings, complaints, likewise
  sources.py roles, changes, licences and all other sources, under _sources
  make.py    the files. Writers know the line each row lands on, so PLANTED, and with it the table in README.md, always
             holds true line numbers: to plant a row, mark it where it is made and run this again

Also rewritten: expected/planned_classes.csv, and in README.md what stands between <!-- x --> and <!-- /x -->.
"""
import csv
import io
import json
import re
import shutil
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import city as model
import facts
import sources
import tables
from city import FIRST, SECOND

HERE = Path(__file__).resolve().parent
PLANTED, COUNTS = [], []                            # (file, line, what is planted, what must happen) and (file, records)


def main():
    city, stories = model.build()
    profiles = {p.name: p for p in model.PROFILES}
    for day in (FIRST, SECOND):
        shutil.rmtree(HERE / str(day), ignore_errors=True)
    registry = {"企业登记信息": tables.registrations(city, stories), "年报信息": tables.reports(city, stories),
                "名录信息": tables.listings(city, stories, profiles)}
    city_penalties, province, new_penalties = facts.penalties(city, stories, profiles)
    samplings, complaints = facts.samplings(city, stories), facts.complaints(city, stories)
    for day in (FIRST, SECOND):
        stamp = f"{day:%Y%m%d}"
        for name, rows in registry.items():
            write_csv(f"{day}/fujian_registry/{name}_{stamp}.csv", of(day, rows), "gb18030")
        write_xlsx(f"{day}/hotline_12315/投诉举报导出_{stamp}.xlsx", of(day, complaints), day)
        write_jsonl(f"{day}/samplings_{stamp}.jsonl", of(day, samplings))
        write_csv(f"{day}/penalties_{stamp}.csv", city_penalties if day == FIRST else new_penalties, "utf-8-sig")
    write_csv(f"{FIRST}/penalties_province_20250620.csv", province, "utf-8-sig")
    shutil.rmtree(HERE / "_sources", ignore_errors=True)
    for name, rows in sources.files(city, city_penalties).items():
        write_csv(f"_sources/{SECOND}/{name}_20250630.csv", rows, "gb18030" if name.startswith("fujian") else "utf-8")
    replay(f"{FIRST}/fujian_registry/名录信息_20250620.csv", f"{SECOND}/fujian_registry/名录信息_20250620.csv")
    write_planned(city)
    write_readme(city)


def of(day, rows):
    return [row for row in rows if row["_on"] == day]


# ---- writers ---------------------------------------------------------------------------------------------------------
def columns(rows):
    return [name for name in rows[0] if not name.startswith("_")]


def note(file, line, row):
    for what, must in row.get("_planted", []):
        PLANTED.append((file, line, what, must))


def save(file, data, records):
    path = HERE / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    COUNTS.append((file, records))


def write_csv(file, rows, encoding):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns(rows))
    line = 2
    for row in rows:
        note(file, line, row)
        cells = [row[name] for name in columns(rows)] + ([row["_extra"]] if "_extra" in row else [])
        writer.writerow(cells)
        line += 1 + sum(cell.count("\n") for cell in cells)
    save(file, text.getvalue().encode(encoding), len(rows))


def write_jsonl(file, rows):
    lines = []
    for line, row in enumerate(rows, 1):
        note(file, line, row)
        lines.append(json.dumps({k: v for k, v in row.items() if not k.startswith("_")}, ensure_ascii=False) + "\n")
    save(file, "".join(lines).encode(), len(rows))


def replay(source, target):
    data = (HERE / source).read_bytes()
    save(target, data, dict(COUNTS)[source])
    PLANTED.append((target, "all", f"the very bytes of {source}", "recognised as a replay: every record is a duplicate"))


# ---- XLSX by hand ----------------------------------------------------------------------------------------------------
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (f'<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
          '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
          '<fills count="2"><fill><patternFill patternType="none"/>'
          '</fill><fill><patternFill patternType="gray125"/></fill></fills>'
          '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
          '<cellXfs count="2"><xf xfId="0"/><xf numFmtId="164" xfId="0" applyNumberFormat="1"/></cellXfs>'
          '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>')


def write_xlsx(file, rows, day):
    names = columns(rows)
    for line, row in enumerate(rows, 4):
        note(file, line, row)
    strings = {}
    tickets = sheet([["全国12315平台投诉举报明细（合成数据）"], [f"导出日期：{day}"], names] + [[row[n] for n in names] for row in rows],
                    strings, f"A1:{letters(len(names) - 1)}1")
    about = sheet([["本表为合成数据"], ["此页不是数据，读取时忽略"]], strings)
    shared = "".join(f'<si><t xml:space="preserve">{escape(s)}</t></si>' for s in strings)
    sheets = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in ((1, "工单明细"), (2, "说明")))
    targets = [("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml"), ("styles", "styles.xml"),
               ("sharedStrings", "sharedStrings.xml")]
    kinds = [("workbook.xml", "sheet.main")] + [(target, kind) for kind, target in targets]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="/xl/{t}" ContentType="{TYPE}.{k}+xml"/>' for t, k in kinds) + "</Types>",
        "_rels/.rels": relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(targets), "xl/worksheets/sheet1.xml": tickets, "xl/worksheets/sheet2.xml": about,
        "xl/styles.xml": STYLES, "xl/sharedStrings.xml": f'<sst {MAIN} uniqueCount="{len(strings)}">{shared}</sst>'}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as book:     # stored: deflate differs between zlib versions
        for part, xml in parts.items():
            book.writestr(zipfile.ZipInfo(part, (2025, 6, 20, 0, 0, 0)), XML + xml)
    save(file, data.getvalue(), len(rows))


def relations(targets):
    each = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
                   for n, (kind, target) in enumerate(targets, 1))
    return f'<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'


def sheet(rows, strings, merged=None):
    lines = []
    for r, row in enumerate(rows, 1):
        cells = [cell(f"{letters(c)}{r}", value, strings) for c, value in enumerate(row) if value != ""]
        lines.append(f'<row r="{r}">{"".join(cells)}</row>')
    merge = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return f'<worksheet {MAIN}><sheetData>{"".join(lines)}</sheetData>{merge}</worksheet>'


def cell(at, value, strings):
    if isinstance(value, datetime):
        since = value - datetime(1899, 12, 30)
        return f'<c r="{at}" s="1"><v>{since.days + since.seconds / 86400:.15g}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{at}"><v>{value:.12g}</v></c>'
    return f'<c r="{at}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'


def letters(index):
    return (chr(64 + index // 26) if index >= 26 else "") + chr(65 + index % 26)


# ---- what is planned, and the README ---------------------------------------------------------------------------------
def write_planned(city):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["credit_code", "name", "on_2025_06_20", "on_2025_06_30", "why"])
    for e in sorted(city, key=lambda e: e.code):
        if e.kind == "enterprise" and e.why:
            writer.writerow([e.code, e.name, e.planned_before, e.planned, e.why])
    (HERE / "expected/planned_classes.csv").write_bytes(text.getvalue().encode())


def write_readme(city):
    path, firms = HERE / "README.md", [e for e in city if e.kind == "enterprise"]
    parts = {"files": [f"| `{file}` | {count:,} |" for file, count in sorted(COUNTS)], "planted": planted_table(), "classes": []}
    before = [e for e in firms if not e.story.startswith("new_")]
    for day, known, plan in ((FIRST, before, lambda e: e.planned_before), (SECOND, firms, lambda e: e.planned)):
        count = Counter(plan(e) or "none" for e in known)
        total = sum(count[c] for c in "ABCD")
        parts["classes"].append(f"| {day} | {total:,} | " + " | ".join(f"{count[c]} ({count[c] / total:.1%})" for c in "ABCD")
                                + f" | {count['none']} |")
    text = path.read_text(encoding="utf-8")
    for name, lines in parts.items():
        block = HEADS[name] + "\n".join(lines) + "\n"
        text = re.sub(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", lambda _: block, text, flags=re.S)
    path.write_text(text, encoding="utf-8")


HEADS = {"files": "| file | records |\n| --- | ---: |\n", "planted": "| line | planted | what must happen |\n| ---: | --- | --- |\n",
         "classes": "| as of | classified | A | B | C | D | no class |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"}


def planted_table():
    """One line a planted row, under a line for its file."""
    lines, last = [], None
    for file, line, what, must in sorted(PLANTED, key=lambda p: p[0]):
        if file != last:
            lines.append(f"| | **`{file}`** | |")
        last = file
        lines.append(f"| {line} | {what} | {must} |")
    return lines


if __name__ == "__main__":
    main()
