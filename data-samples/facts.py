"""The facts about the synthetic city: penalties, samplings and complaints. Rows are as tables.py describes them."""
from datetime import date, datetime, time, timedelta

from city import AREAS, FIRST, FIRST_CHARS, R, SECOND, SECOND_CHARS, between, chance
from tables import FULL_WIDTH, chinese, copy, plant


def zipf(entities, weight=lambda e: 1.0):
    """A function that draws an entity: few are drawn often, most hardly ever."""
    drawn = R.sample(entities, len(entities))
    weights = [weight(e) / rank ** 0.85 for rank, e in enumerate(drawn, 3)]
    return lambda: R.choices(drawn, weights)[0]


# ---- penalties -------------------------------------------------------------------------------------------------------
VIOLATIONS = ["销售不合格食品", "发布虚假广告", "商标侵权", "价格欺诈", "计量违法", "未明码标价", "产品质量不合格", "提供虚假登记材料"]
RECENT, LATEST = (date(2024, 7, 20), date(2025, 6, 8)), (date(2025, 4, 1), date(2025, 6, 8))
SENTENCES = {                                       # days, kinds, fines, confiscated
    "minor": (RECENT, ["警告、罚款", "罚款", "通报批评"], [1000, 5000, 10000, 20000], [""]),
    "ordinary": (RECENT, ["罚款", "警告、罚款", "警告;罚款"], [35000, 40000, 50000, 60000, 80000], [""]),
    "large": (RECENT, ["罚款、没收违法所得", "罚款,没收", "警告、罚款、没收违法所得和非法财物"], [100000, 120000, 200000, 500000], ["3200", "15800.50"]),
    "grave": (LATEST, ["罚款、责令停产停业", "责令停产停业", "吊销许可证", "责令关闭、没收违法所得"], [0, 100000, 150000], [""]),
    "restricted": (LATEST, ["限制开展生产经营活动、罚款"], [100000], [""]),
    "old": ((date(2021, 2, 1), date(2024, 5, 20)), ["罚款", "警告、罚款", "罚款、没收违法所得"], [8000, 40000, 60000], [""]),
    "small": ((date(2021, 2, 1), date(2025, 6, 8)), ["罚款", "警告", "警告、罚款"], [500, 1000, 2000, 8000], [""]),
}


def penalty(e, decided, kinds="罚款", fine=50000, confiscated="", violation=None, on=FIRST):
    written = R.choices([str(fine), f"{fine:,}", f"{fine}.00"], [80, 8, 12])[0] if fine else ""
    return {"decision_no": "", "authority": f"{AREAS[e.area][0]}市场监督管理局（示例）", "credit_code": e.code, "entity_no": "",
            "entity_name": e.name, "area_code": e.area, "decided_on": decided.isoformat(),
            "published_on": (decided + timedelta(7)).isoformat(), "violation": violation or R.choice(VIOLATIONS), "kinds": kinds,
            "fine_yuan": written, "confiscated_yuan": confiscated, "repaired_on": "",
            "changed_on": (decided + timedelta(7)).isoformat(),
            "action": "", "_on": on, "_decided": decided}


def sentence(e, name):
    days, kinds, fines, confiscated = SENTENCES[name]
    kinds, fine = R.choice(kinds), R.choice(fines)
    return penalty(e, between(max(days[0], e.born), days[1]), kinds, fine if "罚款" in kinds else 0, R.choice(confiscated))


def penalties(city, stories, profiles):
    rows = [sentence(e, name) for e in city for name in (profiles[e.profile].penalised if e.profile in profiles else ())]
    small = zipf([e for e in city if e.kind != "enterprise" and not e.story and e.born < date(2025, 1, 1)])
    rows += [sentence(small(), "small") for _ in range(50)]
    planted, new = planted_penalties(stories)
    rows += planted
    rows.sort(key=lambda r: (r["_decided"], r["credit_code"]))
    last = rows.pop(next(i for i, r in enumerate(rows) if "\n" in r["violation"]))
    rows.append(last)                               # its line break would move the line numbers of all rows after it
    for number, r in enumerate(rows + new, 1):
        r["decision_no"] = r["decision_no"] or f"榕示例市监罚〔{r['_decided'].year}〕{number:04d}号"
    rows.insert(60, plant(copy(rows[40]), "exact repeat of the row 20 lines up", "counted as duplicate, once in raw"))
    twice = [r for r in rows if r["fine_yuan"] and not r.get("_planted")]
    rows.insert(100, plant(copy(twice[30], authority="福州市 市场监督管理局（示例）"), "same decision_no in other words for the authority",
                           "one penalty"))
    province = [plant(copy(r, authority="福建省市场监督管理局（示例）", violation=r["violation"] + " "), "decision that the city file holds too",
                      "one penalty") for r in twice[-6:-1]]
    return rows, province, new + changed_penalties(rows)


def planted_penalties(s):
    times = (("1st", date(2024, 1, 18), "1"), ("2nd", date(2024, 11, 12), "1.5"), ("3rd", date(2025, 4, 22), "2"))
    series = [plant(penalty(s["recurrent"], day, "罚款、没收违法所得", 120000, "8000", "商标侵权"),
                    f"{nth} decision for the same violation in 24 months", f"points × {factor}") for nth, day, factor in times]
    rows = series + [
        plant(penalty(s["broken_fine_1"], date(2025, 3, 3)), "negative fine", "quarantined when conformed; class A",
              fine_yuan="-5000"),
        plant(penalty(s["broken_fine_2"], date(2025, 3, 4), "罚站"), "unknown kind of penalty", "quarantined when conformed; class A"),
        plant(penalty(s["lower_case"], date(2022, 3, 8)), "credit code in lower case", "linked to the entity",
              credit_code=s["lower_case"].code.lower()),
        plant(penalty(s["full_width"], date(2022, 4, 8)), "fine ５００００ in full width", "50000.00", fine_yuan="５００００"),
        plant(penalty(s["wrong_check"], date(2023, 5, 9)), "credit code with a wrong check digit, the one registered",
              "linked to the entity"),
        plant(penalty(s["fined_shop"], date(2025, 3, 20)), "penalty of an individual business",
              "linked; no class by the index of enterprises"),
        plant(penalty(s["repaired_before"], date(2024, 9, 12)), "repaired before it was delivered", "never counts; class A",
              repaired_on="2025-04-01", changed_on="2025-04-01"),
        plant(penalty(s["fine_corrected"], date(2025, 2, 11), fine=120000), "fine that the second delivery corrects",
              "B on 2025-06-20", fine_yuan="120000"),
        plant(penalty(s["fine_withdrawn"], date(2025, 2, 13)), "fine that the second delivery withdraws", "B on 2025-06-20"),
        plant(penalty(s["fine_repaired"], date(2024, 10, 15)), "fine that the second delivery repairs", "B on 2025-06-20"),
        plant(penalty(s["date_digits"], date(2023, 6, 1)), "quoted text with commas and a line break in it", "one record, text kept",
              violation="销售不合格食品,情节较轻,\n已责令改正")]
    new = [plant(penalty(s["fine_late"], date(2025, 2, 10)), "late record: decided in February, received now",
                 "A on 2025-06-20 as known then; B on 2025-06-30"),
           plant(penalty(s["fine_new"], date(2025, 6, 23)), "new penalty", "A, then B on 2025-06-30")]
    return rows, [r | {"_on": SECOND} for r in new]


def changed_penalties(rows):
    corrected, withdrawn, repaired = [
        next(r for r in rows if r.get("_planted") and r["_planted"][0][0] == f"fine that the second delivery {verb}")
        for verb in ("corrects", "withdraws", "repairs")]
    return [plant(copy(corrected, SECOND), "same decision_no, fine 20,000, later changed_on",
                  "replaces the first version: A on 2025-06-30",
                  fine_yuan="20,000", changed_on="2025-06-24"),
            plant(copy(withdrawn, SECOND), "action withdraw", "the penalty never was: A on 2025-06-30",
                  action="withdraw", changed_on="2025-06-25"),
            plant(copy(repaired, SECOND), "same decision, repaired_on filled", "no longer counts: A on 2025-06-30",
                  repaired_on="2025-06-26", changed_on="2025-06-26")]


# ---- samplings -------------------------------------------------------------------------------------------------------
PRODUCTS = {"生产": [("示例鱼丸", "速冻食品", ["呋喃唑酮代谢物", "菌落总数"]), ("示例绿茶", "茶叶及相关制品", ["草甘膦", "铅"]),
                   ("示例糕点", "糕点", ["菌落总数", "防腐剂混合使用比例", "霉菌"]), ("示例大米", "粮食加工品", ["镉", "黄曲霉毒素B1"])],
            "流通": [("上海青", "食用农产品", ["毒死蜱", "克百威", "氧乐果"]), ("大黄鱼", "食用农产品", ["恩诺沙星", "孔雀石绿"]),
                   ("示例酱油", "调味品", ["氨基酸态氮", "苯甲酸"]), ("示例白酒", "酒类", ["甜蜜素", "酒精度"])],
            "餐饮": [("复用餐饮具", "餐饮食品", ["大肠菌群", "阴离子合成洗涤剂"]), ("示例锅边糊", "餐饮食品", ["铝的残留量", "菌落总数"])]}


def sampling(number, e, day, product, item, result="合格", kind="监督抽检", on=FIRST, **more):
    producer = {"producer_name": "福州示例甲生产有限公司"} if e.industry[0] == "F" and chance(0.5) else {}
    return {"sample_no": f"SL{day.year}35019900{number:05d}", "item": item, "sampled_on": day.isoformat(),
            "reported_on": (day + timedelta(12)).isoformat(), "kind": kind, "stage": stage(e), "product": product[0],
            "category": product[1], "result": result, "credit_code": e.code, "entity_name": e.name, "area_code": e.area,
            **producer, "changed_on": (day + timedelta(12)).isoformat(), **more, "_on": on}


def stage(e):
    return {"C": "生产", "H": "餐饮"}.get(e.industry[0], "流通")


def samplings(city, s):
    draw = zipf([e for e in city if e.food() and not e.ended and e.born < date(2024, 6, 1)
                 and (not e.story or e.story.startswith("failer"))], lambda e: 2 if e.kind == "enterprise" else 1)
    rows, failed, number = [], set(), 0
    while len(rows) < 402:
        e, number = draw(), number + 1
        day = between(max(date(2020, 7, 1), e.born), date(2025, 6, 5))
        kind = R.choices(["监督抽检", "评价性抽检", "风险监测", "专项"], [62, 20, 12, 6])[0]
        product = R.choice(PRODUCTS[stage(e)])
        for item in R.sample(product[2], R.randrange(1, len(product[2]) + 1)):
            harmless = e.kind != "enterprise" or e.profile in ("no_report", "fined") or day < date(2024, 6, 1)
            bad = chance(0.034) and harmless and e.number not in failed and not e.story
            if bad:
                failed.add(e.number)
            rows.append(sampling(number, e, day, product, item, "不合格" if bad else R.choice(["合格", "合格", "合格样品"]), kind,
                                 **({"severity": "serious"} if bad else {})))
    for name in ("failer_1", "failer_2", "failer_3", "failer_shop"):
        e, product = s[name], PRODUCTS[stage(s[name])][0]
        for n, (day, recheck) in enumerate(((date(2024, 11, 6), ""), (date(2025, 3, 12), ""), (date(2025, 4, 24), "是"))):
            number += 1
            rows.append(plant(sampling(number, e, day, product, product[2][0], "不合格", rechecked=recheck),
                              f"same item fails, {n + 1} of 3" + (", re-check" if recheck else ""),
                              "no class" if e.kind == "individual" else "B by score"))
    rows += [plant(sampling(number + 1, draw(), date(2024, 9, 9), PRODUCTS["流通"][0], "克百威"), "unknown result word 待定",
                   "quarantined when conformed", result="待定"),
             sampling(number + 2, draw(), date(2024, 10, 9), ("日常检查", "", []), "", "符合", "双随机抽查")]
    rows.sort(key=lambda r: (r["sampled_on"], r["sample_no"], r["item"]))
    rows.insert(210, plant(copy(rows[205]), "exact repeat of the line 5 lines up", "counted as duplicate, once in raw"))
    new = [sampling(number + 10 + n, draw(), date(2025, 6, 9 + n % 5), PRODUCTS["流通"][n % 4], PRODUCTS["流通"][n % 4][2][0], on=SECOND)
           for n in range(14)]
    e = s["decoy"]
    new.append(plant(sampling(number + 30, e, date(2025, 2, 17), ("示例伴手礼", "糕点", []), "菌落总数", on=SECOND),
                     "late record: sampled in February, received now", "known from 2025-06-30 only"))
    return [{k: v for k, v in r.items() if v != ""} for r in rows + new]


# ---- complaints ------------------------------------------------------------------------------------------------------
MONTHS = [0.8, 0.7, 2.6, 1.0, 1.0, 1.2, 0.9, 0.9, 0.9, 1.0, 1.5, 1.2]
PROBLEMS = ["质量", "售后服务", "价格", "合同", "虚假宣传", "食品安全", "预付式消费", "计量"]
OUTCOMES = {"投诉": (["调解成功", "达成调解", "终止调解", "不予受理", "撤回投诉", "已办结"], [30, 12, 25, 14, 12, 7]),
            "举报": (["已办结", "不予立案", "已受理"], [45, 40, 15]), "咨询": (["办结"], [1])}


def ticket_day():
    year = R.choices(range(2020, 2026), [5, 11, 13, 16, 20, 11])[0]
    months = range(7, 13) if year == 2020 else range(1, 7) if year == 2025 else range(1, 13)
    month = R.choices(months, [MONTHS[m - 1] for m in months])[0]
    return min(date(year, month, R.randrange(1, 29)), date(2025, 6, 18))


def hour(day):
    return datetime.combine(day, time(R.randrange(8, 21), R.choice([0, 15, 30, 45])))


def written(day, *forms):
    """A day as the platform exports it: a real date cell, or text in one of its forms."""
    at = hour(day)
    return R.choice([at, at.strftime("%Y-%m-%d %H:%M:%S"), day.isoformat(), f"{day.year}/{day.month}/{day.day}", *forms])


def ticket(e, day, kind=None, outcome=None, named=None):
    kind = kind or R.choices(["投诉", "举报", "咨询"], [70, 20, 10])[0]
    outcome = outcome or ("处理中" if day > date(2025, 5, 25) and kind != "咨询" else R.choices(*OUTCOMES[kind])[0])
    closed = None if outcome in ("处理中", "已受理") else min(day + timedelta(R.randrange(3, 50)), date(2025, 6, 19))
    verified = kind == "举报" and outcome == "已办结" and e and e.profile not in ("forgot", "restricted") and not e.story and chance(0.5)
    area = (e.area if e else R.choice(list(AREAS))) + f"{R.randrange(1, 9):03d}"
    name, code = (e.name, e.code) if e else (named, "")
    if e and chance(0.17):
        name, code = garbled(name), ""
    return {"工单号": "", "业务性质": kind, "登记时间": written(day, chinese(day)), "来电人": "测试" + R.choice("甲乙丙丁"),
            "来电号码": str(10000100000 + R.randrange(90000)), "登记内容": "合成文本，不指向任何人", "涉及主体名称": name, "涉及主体信用代码": code,
            "经营地址区划": int(area) if chance(0.5) else area, "经营地址详细": f"{AREAS[area[:6]][0]}示例路{R.randrange(1, 200)}号",
            "涉及问题分类": R.choice(PROBLEMS), "涉及客体分类": R.choice(["食品", "服装", "家用电器", "餐饮服务", "美容美发服务", "培训服务"]),
            "处理结果": outcome, "是否查实": ("查实" if verified else "未查实") if kind == "举报" and closed else "",
            "是否诉转案": "是" if verified and chance(0.4) else "否", "办结时间": written(closed) if closed else "",
            "争议金额": round(R.lognormvariate(5.3, 1.3), R.choice([0, 2])) if kind == "投诉" else "",
            "更新时间": written(closed or day), "_on": FIRST, "_filed": day, "_code": e.code if e else ""}


def garbled(name):
    """The name as a caller's clerk may type it: blanks, full-width brackets and letters."""
    return R.choice([lambda n: n, lambda n: n[:4] + " " + n[4:], lambda n: n.replace("（", "(").replace("）", ")"),
                     lambda n: n.translate({k: v for k, v in FULL_WIDTH.items() if k != 0x5C})])(name)


def complaints(city, s):
    busy = {"H": 3, "O": 3, "P": 3, "R": 3, "F": 2}
    draw = zipf([e for e in city if not e.ended and e.born < FIRST and e.story in ("", "failer_shop", "fined_shop", "endless")],
                lambda e: busy.get(e.industry[0], 0.5))
    rows, verified = [], {}
    for _ in range(585):
        day = ticket_day()
        if chance(0.1):
            rows.append(ticket(None, day, named=f"示例无此{R.choice(FIRST_CHARS)}{R.choice(SECOND_CHARS)}{R.choice(['网店', '直播间', '小店'])}"))
            continue
        e = draw()
        r = ticket(e, max(day, e.born))
        if r["是否查实"] == "查实":
            verified[e.number] = verified.get(e.number, 0) + 1
            if verified[e.number] > 2:
                r.update(是否查实="未查实", 是否诉转案="否")
        rows.append(r)
    rows += [ticket(s["decoy"], between(date(2025, 1, 5), date(2025, 5, 20)), "投诉", R.choice(["不予受理", "撤回投诉"])) for _ in range(18)]
    plant(rows[-1], "one of 18 complaints about this firm, all refused or withdrawn", "none counts; class A")
    rows += planted_tickets(s)
    rows.sort(key=lambda r: r["_filed"])
    new = [ticket(e, between(FIRST, date(2025, 6, 29)), outcome="处理中") for e in (draw() for _ in range(16))]
    for number, r in enumerate(rows + new, 1):
        r["工单号"] = f"TS{r['_filed']:%Y%m%d}{number:05d}"
    pending = [r for r in rows if r["处理结果"] == "处理中"][:8]
    new += [plant(copy(r), "ticket of the first delivery, now closed", "second version of the complaint", 处理结果="调解成功",
                  办结时间="2025-06-27", 更新时间="2025-06-27 16:30:00") for r in pending]
    new.append(plant(ticket(s["decoy"], date(2025, 3, 15), "投诉", "不予受理"), "late record: filed in March, received now",
                     "known from 2025-06-30 only", 工单号="TS2025031599001"))
    return rows + [r | {"_on": SECOND} for r in new]


def planted_tickets(s):
    d = date(2024, 3, 15)
    return [
        plant(ticket(s["twin_1"], d), "name without code; another shop of that name is in another county", "linked by name and area",
              涉及主体名称=s["twin_1"].name, 涉及主体信用代码=""),
        plant(ticket(s["capital_comma"], d), "name with blanks, no code", "linked by name and area",
              涉及主体名称=" ".join(s["capital_comma"].name), 涉及主体信用代码=""),
        plant(ticket(s["full_width"], d, "投诉"), "credit code and amount in full width", "linked; 128.50 yuan",
              涉及主体信用代码=s["full_width"].code.translate(FULL_WIDTH), 争议金额="１２８．５０"),
        plant(ticket(s["lower_case"], d), "registered as a real date cell (serial number with a date style)",
              "2024-03-15", 登记时间=hour(d)),
        plant(ticket(s["date_iso"], d), "registered as text 2024/3/15", "2024-03-15", 登记时间="2024/3/15"),
        plant(ticket(s["date_chinese"], d), "registered as text 2024年3月15日", "2024-03-15", 登记时间="2024年3月15日"),
        plant(ticket(s["date_digits"], d), "street code as a number cell", "area from its first six digits, no 3.5E8",
              经营地址区划=int(s["date_digits"].area + "002")),
        plant(ticket(None, d, named="示例无此铺"), "a shop that exists nowhere", "stays unlinked")]
