"""The registry of the synthetic city: registrations, annual reports and listings, in the columns of its own files.

A row is a dict of the file's columns, plus keys that start with "_" and are never written: _on (the delivery it belongs to),
_extra (a cell too many), _planted (what is dirty or instructive about it, and what must happen).
"""
from datetime import date, timedelta

from city import AREAS, FIRST, FIRST_CHARS, R, SECOND, SECOND_CHARS, Entity, between, chance, draw_industry
from city import registration_number

FULL_WIDTH = {i: i + 0xFEE0 for i in range(0x21, 0x7F)}


def plant(row, what, must, **cells):
    """The row with cells changed, marked for README.md."""
    row.update(cells)
    row["_planted"] = row.get("_planted", []) + [(what, must)]
    return row


def copy(row, on=None, **cells):
    return {**row, **cells, "_planted": [], "_on": on or row["_on"]}


def chinese(day):
    return f"{day.year}年{day.month}月{day.day}日"


def iso(day, mixed=0.0):
    """A day as the registry writes it: mostly 2021-03-05, at times 2021年3月5日 or 20210305."""
    if day is None:
        return ""
    return R.choice([chinese(day), f"{day:%Y%m%d}"]) if chance(mixed) else day.isoformat()


# ---- registrations ---------------------------------------------------------------------------------------------------
def registrations(city, stories):
    rows = {e.number: registration(e) for e in city}
    story_rows = {name: rows[e.number] for name, e in stories.items()}
    plant_registrations(city, stories, rows, story_rows)
    first = list(rows.values())
    first += [plant(registration(Entity("enterprise", 9001, "福州示例多列贸易有限公司", date(2021, 5, 6), "F5181", "350102")),
                    "ragged row: one cell too many", "quarantined by the reader; the entity does not exist", _extra="多出的一格"),
              plant(registration(Entity("enterprise", 9002, "", date(2021, 5, 6), "F5181", "350102")),
                    "blank name", "quarantined; the entity does not exist")]
    first.insert(700, plant(copy(first[650]), "exact repeat of the row 50 lines up", "counted as duplicate, once in raw"))
    return first + second_registrations(city, stories, story_rows)


def registration(e):
    wan = R.choice([3, 5, 10]) if e.kind == "individual" else R.choice([10, 50, 100, 100, 200, 500, 500, 1000, 2000, 5000])
    if e.kind == "enterprise" and chance(0.02):
        wan = 12000
    form = {"individual": "9500", "cooperative": "9100"}.get(e.kind) or R.choice(["1130", "1130", "1151", "1153", "1200", "5100"])
    words = {"enterprise": ["企业", "内资企业", "私营企业"], "individual": ["个体工商户", "个体"],
             "cooperative": ["农民专业合作社", "合作社"]}[e.kind]
    changed = e.ended or between(max(e.born, date(2020, 7, 1)), max(e.born, date(2025, 6, 18)))
    return {"主体身份代码": f"3501990{e.number:09d}", "统一社会信用代码": e.code,
            "注册号": registration_number(e.kind, e.number) if e.born.year < 2015 else "", "企业名称": e.name,
            "主体类别": R.choice(words), "企业类型代码": form,
            "登记状态": e.status or R.choice(["K", "存续", "1", "存续（在营、开业、在册）", "在业"]),
            "成立日期": iso(e.born, 0.12), "注吊销日期": iso(e.ended), "认缴资本(万元)": str(wan),
            "实缴资本(万元)": R.choice(["", "0", str(wan), str(wan // 2)]),
            "行业代码": e.industry if chance(0.6) else e.industry[1:], "住所行政区划": e.area,
            "住所": f"福州市{AREAS[e.area][0]}示例{R.choice(FIRST_CHARS)}{R.choice(SECOND_CHARS)}路{R.randrange(1, 300)}号",
            "住所类型": R.choices(["", "自有", "租赁", "普通住所", "集群注册", "住所托管"], [20, 20, 40, 12, 6, 2])[0],
            "数据更新日期": iso(changed), "操作标志": "", "法定代表人": "测试" + R.choice("甲乙丙丁戊己庚辛壬癸"),
            "联系电话": str(10000000000 + e.number), "_on": FIRST}


def plant_registrations(city, stories, rows, row):
    s, code, capital = stories, "统一社会信用代码", "认缴资本(万元)"
    plant(row["lower_case"], "credit code in lower case", "linked and shown in upper case", **{code: s["lower_case"].code.lower()})
    plant(row["full_width"], "credit code in full-width characters", "read as half width",
          **{code: s["full_width"].code.translate(FULL_WIDTH)})
    plant(row["wrong_check"], "wrong GB 32100 check digit", "kept and scored; credit_code_ok is false")
    plant(row["capital_full_width"], "capital １００ in full width", "1,000,000 yuan", **{capital: "１００"})
    plant(row["capital_comma"], "capital 1,000 with its comma, quoted", "10,000,000 yuan", **{capital: "1,000"})
    for name, text in (("date_iso", "2018-03-05"), ("date_chinese", "2018年3月5日"), ("date_digits", "20180305")):
        plant(row[name], f"day of establishment written {text}", "2018-03-05", 成立日期=text)
    plant(row["endless"], "end date 9999-9-9", "treated as none; stays active", 注吊销日期="9999-9-9")
    for e in [e for e in city if e.area == "350112" and e.born.year < 2017 and not e.story][:4]:
        plant(rows[e.number], "obsolete area code 350182 (Changle until 2017)", "area 350112", 住所行政区划="350182")
    for name in ("formula", "script"):
        plant(row[name], "name that a spreadsheet or a browser might run",
              f"kept as text, made harmless in every export; class {s[name].planned}")
    plant(row["rare"], "rare character 𠮷, four bytes in GB18030 and UTF-8", "kept")
    plant(row["paused"], "status Z, 歇业", "suspended: still owes reports and is classified", 登记状态="Z")
    for name in ("twin_1", "twin_2"):
        plant(row[name], "two shops of one name in two counties", "told apart by area where only the name is known")


def second_registrations(city, stories, row):
    rows = []
    for name in ("cancelled_1", "cancelled_2", "cancelled_3"):
        before = stories[name].planned_before
        rows.append(plant(copy(row[name]), "status becomes 注销", f"{before} on 2025-06-20, no class on 2025-06-30",
                          登记状态="注销", 注吊销日期="2025-06-25", 数据更新日期="2025-06-25"))
    for name in ("date_iso", "capital_comma", "lower_case", "twin_1"):
        rows.append(plant(copy(row[name]), "moved to another house number", "second version of the entity",
                          住所=row[name]["住所"] + "之二", 数据更新日期="2025-06-26"))
    for n in range(8):
        industry, word = draw_industry("enterprise")
        e = Entity("enterprise", 3001 + n, f"福州示例初{SECOND_CHARS[n]}{word}有限公司", date(2025, 6, 19 + n), industry, "350104",
                   planned_before="", why="new in the second delivery", story=f"new_{n + 1}")
        city.append(e)
        rows.append(registration(e) | {"数据更新日期": "2025-06-28"})
    return [r | {"_on": SECOND} for r in rows]


# ---- annual reports and listings -------------------------------------------------------------------------------------
def report(e, year, filed, oddity=None):
    assets = round(R.lognormvariate(5, 1.2), 2)
    owed, revenue = round(assets * R.uniform(0.05, 0.8), 2), round(assets * R.uniform(0.3, 2), 2)
    if oddity == "zero":
        assets = owed = revenue = 0
    elif oddity == "negative":
        owed = round(assets * 1.3, 2)
    return {"年报年度": str(year), "公示日期": iso(filed, 0.1), "统一社会信用代码": e.code, "企业名称": e.name, "行政区划": e.area,
            "资产总额": str(assets), "负债总额": str(owed), "营业总收入": str(revenue), "利润总额": str(round(revenue * 0.06, 2)),
            "纳税总额": str(round(revenue * 0.02, 2)), "从业人数": str(1 + int(R.lognormvariate(1.5, 0.9))),
            "数据更新日期": filed.isoformat(), "_on": FIRST if filed < FIRST else SECOND}


def filing_day(e, year):
    """1 January to 30 June of the following year, most of them late; 2024's may come between the two deliveries."""
    if year == 2024 and chance(0.08):
        return between(FIRST, date(2025, 6, 29))
    return date(year + 1, 1, 4) + timedelta(int(R.triangular(0, 165, 140)))


def reports(city, stories):
    rows = []
    for e in [e for e in city if e.kind == "enterprise" and e.born < FIRST]:
        plain = e.profile == "clean" and not e.story
        oddity = R.choices([None, "zero", "negative"], [92, 4, 4])[0] if plain and e.born.year < 2022 else None
        for year in range(max(2019, e.born.year), min(2024, e.ended.year - 2 if e.ended else 2024) + 1):
            forgotten = year == 2024 and plain and not oddity and chance(0.02)
            if year not in e.missing and not forgotten:
                rows.append(report(e, year, e.late.get(year) or filing_day(e, year), oddity if year == 2024 else None))
    find = {(r["统一社会信用代码"], r["年报年度"]): r for r in rows}
    bad = find[stories["impossible_date"].code, "2022"]
    rows += [plant(copy(bad, SECOND), "the report whose date was impossible, sent again with a true one", "no longer missing",
                   公示日期="2023-02-28", 数据更新日期="2025-06-27"),
             plant(report(stories["reported_at_last"], 2023, date(2025, 6, 24)), "report of 2023, filed a year late",
                   "late, no longer missing"),
             plant(copy(find[stories["date_iso"].code, "2021"]), "exact repeat of the row next to it",
                   "counted as duplicate, once in raw")]
    plant(bad, "impossible date 2023-02-30", "quarantined when conformed; counts as missing on 2025-06-20", 公示日期="2023-02-30")
    return sorted(rows, key=lambda r: (r["_on"], r["数据更新日期"], r["统一社会信用代码"], r["年报年度"]))


REASONS = {"no_report": ["未按期公示年度报告", "未年报"], "unreachable": ["通过登记的住所（经营场所）无法联系", "失联"],
           "no_disclosure": ["未在责令期限内公示信息"], "false": ["公示信息隐瞒真实情况弄虚作假", "虚假信息"], "serious": ["严重违法失信行为"]}


def listing(e, reason, listed, year="", removed=None, why=""):
    serious = reason == "serious"
    return {"列入决定文号": "", "名单类别": R.choice(["严重违法失信名单", "严重违法"] if serious else ["经营异常名录", "异常名录"]),
            "列入原因": R.choice(REASONS[reason]), "列入机关": f"{AREAS[e.area][0]}市场监督管理局（示例）", "统一社会信用代码": e.code,
            "企业名称": e.name, "行政区划": e.area, "未报年度": str(year), "列入日期": iso(listed, 0.1), "移出日期": iso(removed),
            "移出原因": why, "信用修复日期": "", "数据更新日期": iso(removed or listed), "操作标志": "", "_on": FIRST,
            "_listed": listed, "_serious": serious}


def missed(e, year, **more):
    return listing(e, "no_report", between(date(year + 1, 7, 3), date(year + 1, 7, 14)), year, **more)


def listings(city, stories, profiles):
    s, rows = stories, []
    for e in [e for e in city if e.kind == "enterprise"]:
        for reason in profiles[e.profile].listed if e.profile in profiles else ():
            rows += ([missed(e, year) for year in sorted(e.missing) if year < 2024] if reason == "no_report" else
                     [listing(e, reason, between(date(2023, 9, 1), date(2025, 5, 30)))])
        if e.profile == "cured":
            [(year, filed)] = e.late.items()
            rows.append(missed(e, year, removed=filed + timedelta(5), why="已补报未报年份的年度报告并公示"))
        if e.profile == "ended" and chance(0.5):
            rows.append(listing(e, "unreachable", e.ended - timedelta(90), removed=e.ended, why="主体已注销或吊销"))
    removed = plant(listing(s["serious_removed"], "serious", date(2022, 6, 22)), "serious listing that the second delivery removes",
                    "D on 2025-06-20")
    wrong = plant(listing(s["listing_withdrawn"], "false", date(2025, 5, 19)), "listing that the second delivery withdraws",
                  "B on 2025-06-20")
    rows += [removed, wrong, listing(s["serious_removed"], "no_disclosure", date(2025, 4, 8))]
    rows.sort(key=lambda r: (r["_listed"], r["统一社会信用代码"]))
    at_last = next(r for r in rows if r["统一社会信用代码"] == s["reported_at_last"].code)
    new = [plant(listing(s["unreachable_new"], "unreachable", date(2025, 6, 24)), "new abnormal listing", "A, then B on 2025-06-30"),
           plant(listing(s["serious_new"], "serious", date(2025, 6, 25)), "new serious listing", "A, then D on 2025-06-30")]
    for number, r in enumerate(rows + new, 1):
        r["列入决定文号"] = f"榕示例{'严失' if r['_serious'] else '列异'}〔{r['_listed'].year}〕{number:04d}号"
    new += [plant(copy(removed), "same 列入决定文号, now with 移出日期", "the override is gone: B on 2025-06-30",
                  移出日期="2025-06-23", 移出原因="列入届满三年", 数据更新日期="2025-06-23"),
            plant(copy(at_last), "same 列入决定文号, removed after the late report", "B, then A on 2025-06-30",
                  移出日期="2025-06-29", 移出原因="已补报未报年份的年度报告并公示", 数据更新日期="2025-06-29"),
            plant(copy(wrong), "操作标志 withdraw", "the listing never was: A on 2025-06-30", 操作标志="withdraw", 数据更新日期="2025-06-26")]
    return rows + [r | {"_on": SECOND} for r in new]
