"""Sources beyond the first six, each a small file: roles, changes, licences, inspections, repairs and so on. Every enterprise that
they speak of is one of the city; drawn from a generator of their own, so that the rows of the other files stay as they are.

Nobody in them is real: identity numbers begin with 350199, an area that does not exist, names are 测试甲 and the like.
"""
import random
from datetime import date, timedelta

from city import AREAS
from tables import plant

Q = random.Random(20250701)
PEOPLE = ["测试甲", "测试乙", "测试丙", "测试丁", "测试戊", "测试己"]


def identity(number):
    """An 18-digit identity number with a true check digit (GB 11643), of an area that does not exist."""
    body = f"3501991985{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11]


def fifteen(eighteen):
    return eighteen[:6] + eighteen[8:17]


def owner(e, **more):
    return {"统一社会信用代码": e.code, "企业名称": e.name, "行政区划": e.area} | more | {"数据更新日期": "2025-06-29", "操作标志": ""}


def day(first, last):
    return (first + timedelta(Q.randrange((last - first).days + 1))).isoformat()


def files(city, penalties):
    """File → rows, in the columns of its sender."""
    firms = [e for e in city if e.kind == "enterprise" and e.profile == "clean" and not e.story and e.born < date(2020, 1, 1)]
    some = lambda n: Q.sample(firms, n)
    food = [e for e in firms if e.food()]
    year, recent = date(2024, 7, 1), date(2025, 6, 20)
    out = {}

    roles = []
    for n, e in enumerate(some(24)):
        who = n % len(PEOPLE) if n < 18 else 0      # 测试甲 stands behind ten of them
        roles.append({"职务": "法定代表人" if n % 3 else "执行事务合伙人", "证件号码": identity(who), "姓名": PEOPLE[who],
                      "联系电话": f"1000{who:07d}", "出资企业信用代码": "", "出资比例": "", "起始日期": e.born.isoformat(),
                      "终止日期": ""} | owner(e))
    plant(roles[6], "identity number of 15 digits, as before 1999", "the same pseudonym as the one of 18 digits",
          证件号码=fifteen(identity(0)))
    plant(roles[12], "identity number in full width", "the same pseudonym", 证件号码=identity(0).translate(
        {ord(c): ord(c) + 0xFEE0 for c in "0123456789X"}))
    for e in some(6):
        holder = Q.choice(firms)
        roles.append({"职务": "股东", "证件号码": "", "姓名": "", "联系电话": "", "出资企业信用代码": holder.code,
                      "出资比例": f"{Q.randrange(10, 100)}.5", "起始日期": e.born.isoformat(), "终止日期": ""} | owner(e))
    out["fujian_registry/主要人员信息"] = roles
    out["fujian_registry/变更信息"] = [
        {"变更受理号": f"榕示例变{n:05d}", "变更事项": Q.choice(["住所变更", "经营范围变更", "法定代表人变更", "股权变更", "注册资本变更"]),
         "变更前内容": "测试乙", "变更后内容": "测试丙", "经办人": "测试丁", "核准日期": day(year, recent)} | owner(e)
        for n, e in enumerate(some(12))]

    capital = [row for row in out["fujian_registry/变更信息"] if row["变更事项"] == "注册资本变更"]
    for n, row in enumerate(capital):
        row.update({"变更前内容": f"{1000 + 100 * n}万元人民币", "变更后内容": f"{1000 + 200 * n}万元人民币"})
    plant(capital[0], "capital cut by more than half within the year", "30 points (capital_cut)", 变更后内容="480")

    city_files = {"许可信息": [
        {"许可证编号": f"JY1350199{n:07d}", "许可类别": Q.choice(["食品经营许可证", "食品生产许可证"]), "许可状态": "有效",
         "发证机关": "市场监督管理局（示例）", "发证日期": "2021-03-0%d" % (n % 9 + 1), "有效期至": "2026-03-0%d" % (n % 9 + 1),
         "终止日期": "", "法定代表人": "测试戊"} | owner(e, 地址="") for n, e in enumerate(Q.sample(food, 15))]}
    plant(city_files["许可信息"][3], "licence that ran out while the enterprise goes on", "kept as it is: valid_to is past",
          有效期至="2025-05-31")
    plant(city_files["许可信息"][5], "a kind of licence that nobody knows", "quarantined when conformed", 许可类别="卖糖许可")
    city_files["许可信息"] += [
        {"许可证编号": f"JY2350199{n:07d}", "许可类别": "食品经营许可证", "许可状态": "正常", "发证机关": "市场监督管理局（示例）",
         "发证日期": "2022-05-11", "有效期至": "2027-05-10", "终止日期": "", "法定代表人": "测试己"} | owner(e, 地址="")
        for n, e in enumerate(food * 3) if n < 110]
    city_files["检查结果"] = [
        {"检查编号": f"榕示例检〔2025〕{n:04d}号", "抽查计划编号": "榕示例计划2025-03", "抽查事项": "登记事项检查", "检查类型": "双随机抽查",
         "检查人员": "测试丙", "检查日期": day(year, recent), "公示日期": "", "检查结果": Q.choice(
             ["未发现问题"] * 6 + ["发现问题已责令改正", "通过登记的住所（经营场所）无法联系", "未发现开展本次抽查涉及的经营活动"]),
         "检查机关": f"{AREAS[e.area][0]}市场监督管理局（示例）"} | owner(e) for n, e in enumerate(some(20))]
    fined = [e for e in city if e.profile == "fined" and not e.story]
    fine = {r["credit_code"]: r["decision_no"] for r in penalties}
    repaired, refused = [e for e in fined if e.code in fine][:2]
    base = {"修复对象": "行政处罚", "申请日期": "2025-06-10", "经办人": "测试甲", "修复机关": "市场监督管理局（示例）"}
    city_files["信用修复"] = [
        plant(base | {"修复决定文号": "榕示例修〔2025〕0001号", "原决定文号": fine[repaired.code], "生效日期": "2025-06-25",
                      "修复结果": "准予修复"} | owner(repaired), "repair of an ordinary fine", "B on 2025-06-24, A from 2025-06-25"),
        plant(base | {"修复决定文号": "榕示例修〔2025〕0002号", "原决定文号": fine[refused.code], "生效日期": "2025-06-25",
                      "修复结果": "不予修复"} | owner(refused), "repair that was refused", "stays B")]
    city_files["知识产权事件"] = [
        {"文号": f"榕示例知〔2025〕{n:03d}号", "事件类型": kind, "权利编号": f"CN20249{n:07d}", "认定日期": day(year, recent),
         "撤回或纠正日期": "", "认定机关": "国家知识产权局（示例）"} | owner(e)
        for n, (e, kind) in enumerate(zip(some(4), ["非正常专利申请", "恶意商标注册", "商标侵权", "假冒专利"]))]
    city_files["价格监测"] = [
        {"商品": item, "计价单位": "元/500克", "价格（元）": f"{price + Q.randrange(-30, 31) / 100:.2f}", "采价日期": on, "采价员": "测试乙"}
        | owner(e) for e in Q.sample(food, 4) for item, price in (("猪肉（精瘦肉）", 16.8), ("上海青", 3.5))
        for on in ("2025-06-18", "2025-06-25")]
    city_files["特种设备"] = [
        {"设备编号": f"3110350199{n:06d}", "设备种类": "电梯", "使用状态": "在用", "使用登记日期": "2019-04-12", "上次检验日期": "2024-05-20",
         "下次检验日期": "2025-05-31" if n == 2 else "2026-05-31", "检验结论": "合格", "近一年故障次数": str(n), "维保单位信用代码": "",
         "安全管理员": "测试己", "联系电话": "10000000009"} | owner(e) for n, e in enumerate(some(8))]
    city_files["不良反应报告"] = [
        {"报告编号": f"3501990000120250{n:04d}", "产品名称": "示例胶囊", "批号": "S250101", "不良反应名称": "皮疹", "是否严重": "否" if n else "是",
         "发生日期": "2025-06-01", "报告日期": "2025-06-0%d" % (n + 5), "患者姓名": "测试戊", "患者性别": "女", "患者年龄": "66",
         "报告人": "测试丁"} | owner(firms[7]) for n in range(4)]
    city_files["监测线索"] = [
        {"线索编号": f"XS20250{n:05d}", "监测类型": kind, "线索主题": "宣传疗效", "平台": "示例平台", "发现日期": day(year, recent),
         "核查结果": found, "核查日期": "", "监测人员": "测试甲"} | owner(e, 地址="")
        for n, (e, kind, found) in enumerate(zip(some(5), ["广告监测", "网络交易监测", "舆情监测", "广告监测", "网络交易监测"],
                                                  ["查实", "待核查", "查否", "查实", "待核查"]))]
    city_files["追溯录入"] = [{"月份": "2025-05-01", "应录批次": "40", "已录批次": str(40 - n * 7)} | owner(e)
                           for n, e in enumerate(Q.sample(food, 5))]
    city_files["产品召回"] = [
        {"召回编号": "S2025M0001示例", "产品名称": "示例儿童推车", "批号": "2024全年", "召回方式": "主动召回", "召回级别": "", "涉及数量": "1200",
         "公告日期": "2025-02-14", "完成日期": "", "联系人": "测试丙"} | owner(firms[11])]
    out |= {f"city_supervision/{name}": rows for name, rows in city_files.items()}

    a, b, c = some(3)
    out["credit_platform/司法执行名单"] = [
        {"执行案号": "（2025）闽0199执1号", "名单类型": "失信被执行人", "执行法院": "示例人民法院", "执行标的（元）": "250000", "发布日期": "2025-03-03",
         "屏蔽日期": "", "法定代表人": "测试甲", "身份证号码": identity(0)} | owner(a),
        {"执行案号": "（2024）闽0199执77号", "名单类型": "限制高消费", "执行法院": "示例人民法院", "执行标的（元）": "8000", "发布日期": "2024-03-03",
         "屏蔽日期": "2025-01-15", "法定代表人": "测试乙", "身份证号码": identity(1)} | owner(b)]
    out["credit_platform/税务名单"] = [
        {"公告文号": "榕示例税〔2025〕3号", "名单类型": "非正常户", "税务机关": "税务局（示例）", "涉及税额（元）": "", "认定日期": "2025-04-01",
         "解除日期": "", "法定代表人": "测试丙", "财务负责人": "测试丁"} | owner(c)]
    out["credit_platform/荣誉激励"] = [
        {"认定文号": f"榕示例誉〔2025〕{n:03d}号", "荣誉类型": kind, "认定机关": "市政府（示例）", "认定日期": "2025-01-10", "有效期至": "2026-01-09"}
        | owner(e) for n, (e, kind) in enumerate(zip(some(3), ["纳税信用A级", "政府质量奖", "高企"]))]

    grave = next(e for e in city if e.profile == "grave" and not e.story)
    sibling, held = some(2)
    one = {"职务": "法定代表人", "证件号码": identity(7), "姓名": "测试庚", "联系电话": "", "出资企业信用代码": "", "出资比例": "",
           "起始日期": "2020-01-01", "终止日期": ""}
    roles += [
        plant(one | {"联系电话": "10000000007"} | owner(grave), "legal representative of an enterprise ordered to stop", "its risk reaches the next enterprise"),
        plant(one | owner(sibling), "the same legal representative", "points of association, and no better than B"),
        plant(one | {"职务": "股东", "证件号码": "", "姓名": "", "出资企业信用代码": sibling.code, "出资比例": "60"} | owner(held),
              "held by that enterprise", "points of association over two hops, by half")]

    stalls = [e for e in city if e.kind == "individual" and e.profile == "clean" and not e.story and e.code and not e.ended
              and e.born < date(2022, 1, 1)]
    closed = [e for e in city if e.code and e.ended and date(2024, 7, 10) < e.ended < date(2025, 6, 20)][:2]
    operator = one | {"职务": "经营者"}
    roles += [
        plant(operator | owner(stalls[-1]), "its operator represents the enterprise ordered to stop", "no better than B (ib_operator_of_d)"),
        plant(operator | {"证件号码": identity(8), "姓名": "测试辛"} | owner(stalls[-2]),
              "its operator had two others that closed within the year", "20 points (ib_owner_cancelled)")]
    roles += [one | {"证件号码": identity(8), "姓名": "测试辛"} | owner(e) for e in closed]

    told = {row["统一社会信用代码"] for rows in out.values() for row in rows}
    alone = [e for e in firms if e.code not in told]
    worse, newer, silent, taken_back, alike = Q.sample(alone, 5)
    stall = next(e for e in city if e.kind == "individual" and e.profile == "clean" and not e.story and e.code)
    classed = lambda e, word, on="2025-05-31", **more: {"信用风险类别": word, "分类日期": on, "法定代表人": "测试戊", "经营者": ""} | owner(
        e, **more) | {"主体名称": e.name}
    out["province_platform/省级分类结果"] = [
        plant(classed(worse, "D"), "class D by the province, A by the city", "D counts, first on the list of differences"),
        classed(newer, "D", "2025-04-30"),
        plant(classed(newer, "信用风险较高"), "another class by the province a month later", "the newer one counts: C"),
        plant(classed(silent, "D", "2025-03-15"), "class of more than three months ago", "counts no longer: A"),
        classed(taken_back, "C"),
        plant(classed(taken_back, "C") | {"操作标志": "撤回"}, "taken back by the province", "A"),
        classed(alike, "A类"),
        plant(classed(grave, "一般"), "class B by the province, D by the city", "D counts, and the difference is listed"),
        plant(classed(stall, "B类"), "individual business, class B by the province", "B in the index of individual businesses")]
    for row in out["province_platform/省级分类结果"]:
        row.pop("企业名称")

    named = {row["统一社会信用代码"] for rows in out.values() for row in rows}
    grave_one, small_one = Q.sample([e for e in firms if e.code not in named], 2)
    accident = {"事故类别": "特种设备事故", "发生日期": "2025-01-20", "责任认定日期": "2025-05-30", "认定机关": "市场监督管理局（示例）", "责任人": "测试丁"}
    out["city_supervision/事故信息"] = [
        plant({"事故编号": "榕示例事〔2025〕001号", "事故等级": "重大事故"} | accident | owner(grave_one),
              "responsible for a major accident", "D for three years (serious_accident)"),
        plant({"事故编号": "榕示例事〔2025〕002号", "事故等级": "一般"} | accident | owner(small_one),
              "responsible for an accident of the lowest grade", "stays in its class")]
    pledged = Q.choice([e for e in firms if e.code not in named | {grave_one.code, small_one.code}])
    notice = {"登记机关": "市场监督管理局（示例）", "出质人": "测试甲", "质权人": "测试乙"}
    out["fujian_registry/公示事项"] = [
        plant({"公示编号": "榕示例质〔2025〕001号", "事项类别": "股权出质", "登记日期": "2025-02-20", "终止日期": ""} | notice | owner(pledged),
              "shares pledged", "20 points (open_notices), with the next row 40"),
        {"公示编号": "榕示例冻〔2025〕002号", "事项类别": "司法协助", "登记日期": "2025-03-03", "终止日期": "2028-03-02"} | notice | owner(pledged),
        plant({"公示编号": "榕示例冻〔2022〕003号", "事项类别": "股权冻结", "登记日期": "2022-07-01", "终止日期": "2025-06-30"} | notice
              | owner(small_one), "freeze that ended on the day", "no points")]
    named |= {e.code for e in (grave_one, small_one, pledged)} | {row["统一社会信用代码"] for row in roles}
    near = Q.choice([e for e in firms if e.code not in named])
    roles.append(plant(one | {"证件号码": identity(9), "姓名": "测试壬", "联系电话": "10000000007"} | owner(near),
                       "the telephone of the enterprise ordered to stop, another person", "points of association, by a fifth"))
    out["fujian_registry/年报信息_个体"] = shop_reports(city)
    return out


def shop_reports(city):
    """What individual businesses filed for 2022 and 2023; cooperatives file on paper here, so that nothing is known of theirs."""
    rows = []
    shops = [e for e in city if e.kind == "individual" and e.code and e.born < date(2025, 6, 1)]
    silent, late, short = Q.sample([e for e in shops if e.profile == "clean" and not e.story and e.born < date(2022, 1, 1)], 3)
    for e in shops:
        for year in (2022, 2023):
            if e.born.year > year or e is silent or (e is short and year == 2023):
                continue
            filed = date(2025, 5, 20) if e is late and year == 2023 else date(year + 1, 1, 4) + timedelta(Q.randrange(150))
            rows.append({"年报年度": str(year), "公示日期": filed.isoformat()} | owner(e) | {
                "资产总额": "", "负债总额": "", "营业总收入": str(Q.randrange(3, 80)), "利润总额": "", "纳税总额": "", "从业人数": "2",
                "数据更新日期": filed.isoformat()})
    for row in rows:
        row.pop("操作标志")
    plant(next(r for r in rows if r["公示日期"] == "2025-05-20"), "individual business, report of 2023 filed a year late",
          "30 points (ib_report_late)")
    plant(next(r for r in rows if r["统一社会信用代码"] == short.code), "individual business, none for 2023", "80 points (ib_reports_missing)")
    return rows
