"""The synthetic city: its entities, and which class each enterprise is meant to end in, and why.

PROFILES gives whole groups of enterprises their facts; STORIES gives single entities a planted story. tables.py and facts.py
turn both into rows. Everything is drawn from one seeded generator, R, so the order of calls is part of the result.
"""
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

FIRST, SECOND = date(2025, 6, 20), date(2025, 6, 30)
R = random.Random(20250630)

AREAS = {"350102": ("鼓楼区", 17), "350103": ("台江区", 10), "350104": ("仓山区", 16), "350105": ("马尾区", 5),
         "350111": ("晋安区", 14), "350112": ("长乐区", 9), "350121": ("闽侯县", 10), "350122": ("连江县", 5),
         "350123": ("罗源县", 2), "350124": ("闽清县", 2), "350125": ("永泰县", 2), "350128": ("平潭县", 3),
         "350181": ("福清市", 9)}
INDUSTRIES = [                                      # GB/T 4754 class, weight among enterprises, among individuals, word
    ("F5219", 60, 90, "百货"), ("F5212", 35, 50, "超市"), ("F5213", 15, 60, "便利"), ("F5223", 15, 60, "果蔬"),
    ("F5224", 12, 45, "水产"), ("F5226", 25, 35, "茶业"), ("F5229", 15, 30, "食品商贸"), ("F5127", 30, 5, "酒业"),
    ("F5121", 15, 2, "粮油贸易"), ("F5132", 40, 30, "服饰"), ("F5165", 60, 15, "建材"), ("F5176", 45, 5, "数码"),
    ("F5181", 110, 2, "贸易"), ("F5251", 15, 12, "药房"), ("H6210", 55, 90, "餐饮管理"), ("H6220", 20, 80, "快餐"),
    ("H6231", 8, 15, "茶馆"), ("H6291", 5, 95, "小吃"), ("H6121", 12, 8, "酒店"), ("C1361", 12, 0, "水产加工"),
    ("C1411", 14, 3, "烘焙食品"), ("C1432", 8, 1, "米面制品"), ("C1530", 14, 4, "制茶"), ("C1811", 22, 4, "制衣"),
    ("C3311", 30, 3, "金属结构"), ("C3670", 20, 0, "汽配制造"), ("E4710", 40, 0, "建设工程"), ("E5011", 55, 6, "装饰工程"),
    ("G5431", 30, 10, "物流"), ("I6513", 95, 0, "软件"), ("I6531", 45, 0, "信息科技"), ("J6990", 10, 0, "信息咨询服务"),
    ("K7020", 28, 0, "物业"), ("L7111", 15, 4, "汽车租赁"), ("L7259", 65, 6, "广告"), ("L7297", 60, 3, "商务服务"),
    ("M7320", 60, 0, "工程技术"), ("M7519", 50, 0, "生物科技"), ("M7520", 10, 0, "知识产权服务"), ("N7820", 10, 0, "环境"),
    ("O8040", 20, 70, "美容美发"), ("O8030", 6, 15, "洗衣"), ("O8111", 20, 30, "汽车维修"), ("P8391", 22, 2, "教育培训"),
    ("Q8425", 8, 4, "门诊"), ("R8930", 16, 6, "健身"), ("A0141", 12, 3, "农业开发"), ("D4420", 4, 0, "电力工程")]
CROPS = [("A0141", "蔬菜"), ("A0411", "水产养殖"), ("A0151", "水果"), ("A0164", "茶叶")]
FOOD = ("13", "14", "15", "512", "521", "522", "62")
FIRST_CHARS, SECOND_CHARS = "榕闽鼓江海山云星泰恒永嘉瑞福宏新明华安远", "兴盛达源丰和顺康隆昌益茂信诚舟景阳川桥林"
KINDS = {"enterprise": "91", "individual": "92", "cooperative": "93"}
ALPHABET, WEIGHTS = "0123456789ABCDEFGHJKLMNPQRTUWXY", [pow(3, i, 31) for i in range(17)]


@dataclass
class Profile:
    """Enterprises meant to end in one class on 2025-06-30, and the facts that bring them there."""
    name: str
    planned: str
    count: int
    born_by: int
    why: str
    missing: tuple = ()                             # report years never filed
    listed: tuple = ()                              # reasons for which they are listed now
    penalised: tuple = ()                           # penalties, by the names of facts.SENTENCES


PROFILES = [
    Profile("ended", "", 40, 2020, "no longer registered"),
    Profile("serious", "D", 22, 2022, "on the serious list now", listed=("serious",), penalised=("large",)),
    Profile("grave", "D", 13, 2022, "ordered to suspend or close, or licence revoked", penalised=("large", "grave")),
    Profile("gone", "C", 40, 2022, "unreachable now and a report missing", (2023,), ("unreachable",)),
    Profile("long_gone", "C", 18, 2021, "unreachable now and several reports missing", (2022, 2023, 2024),
            ("unreachable", "no_report")),
    Profile("silent", "C", 24, 2020, "three or more consecutive reports missing", (2021, 2022, 2023, 2024), ("no_report",)),
    Profile("restricted", "C", 6, 2019, "business restricted, a fine, two reports missing", (2022, 2023),
            penalised=("restricted", "ordinary")),
    Profile("no_report", "B", 187, 2022, "listed for a missing report", (2023,), ("no_report",)),
    Profile("two_years", "B", 26, 2021, "listed for two missing reports", (2022, 2023), ("no_report",)),
    Profile("unreachable", "B", 28, 2022, "unreachable now, all reports filed", listed=("unreachable",)),
    Profile("undisclosed", "B", 12, 2022, "listed for undisclosed information", listed=("no_disclosure",)),
    Profile("untrue", "B", 8, 2022, "listed for false information", listed=("false",)),
    Profile("fined", "B", 44, 2023, "ordinary fine within 12 months", penalised=("ordinary",)),
    Profile("fined_much", "B", 14, 2023, "large fine or confiscation within 12 months", penalised=("large",)),
    Profile("old_fine", "A", 36, 2019, "fine of more than 12 months ago", penalised=("old",)),
    Profile("minor", "A", 10, 2023, "small fine only", penalised=("minor",)),
    Profile("cured", "A", 50, 2021, "listed once, reported late, removed"),
    Profile("late", "A", 55, 2021, "a report filed late"),
    Profile("forgot", "A", 18, 2022, "one report missing, not listed", (2023,)),
]
STORIES = [  # name, profile it starts from, kind, class planned on 2025-06-20 and on 2025-06-30 ("" none, "=" unchanged), why
    ("lower_case", "clean", "enterprise", "=", "=", ""), ("full_width", "clean", "enterprise", "=", "=", ""),
    ("capital_full_width", "clean", "enterprise", "=", "=", ""), ("capital_comma", "clean", "enterprise", "=", "=", ""),
    ("date_iso", "clean", "enterprise", "=", "=", ""), ("date_chinese", "clean", "enterprise", "=", "=", ""),
    ("date_digits", "clean", "enterprise", "=", "=", ""), ("wrong_check", "clean", "enterprise", "=", "=", ""),
    ("endless", "clean", "individual", "=", "=", ""), ("formula", "silent", "enterprise", "=", "=", ""),
    ("script", "serious", "enterprise", "=", "=", ""), ("rare", "no_report", "enterprise", "=", "=", ""),
    ("paused", "clean", "enterprise", "=", "=", ""), ("twin_1", "clean", "individual", "=", "=", ""),
    ("twin_2", "clean", "individual", "=", "=", ""), ("impossible_date", "clean", "enterprise", "=", "=", ""),
    ("cancelled_1", "clean", "enterprise", "A", "", "cancelled in the second delivery"),
    ("cancelled_2", "clean", "enterprise", "A", "", "cancelled in the second delivery"),
    ("cancelled_3", "no_report", "enterprise", "B", "", "cancelled in the second delivery"),
    ("reported_at_last", "no_report", "enterprise", "B", "A", "reported late and removed from the list in the second delivery"),
    ("serious_removed", "clean", "enterprise", "D", "B", "serious listing removed in the second delivery, abnormal one stays"),
    ("serious_new", "clean", "enterprise", "A", "D", "on the serious list since the second delivery"),
    ("unreachable_new", "clean", "enterprise", "A", "B", "unreachable since the second delivery"),
    ("listing_withdrawn", "clean", "enterprise", "B", "A", "listing withdrawn in the second delivery"),
    ("fine_corrected", "clean", "enterprise", "B", "A", "large fine corrected to a small one in the second delivery"),
    ("fine_withdrawn", "clean", "enterprise", "B", "A", "fine withdrawn in the second delivery"),
    ("fine_repaired", "clean", "enterprise", "B", "A", "fine repaired in the second delivery"),
    ("repaired_before", "clean", "enterprise", "A", "A", "fine repaired before the first delivery"),
    ("fine_late", "clean", "enterprise", "A", "B", "fine of February 2025 that we learn of in the second delivery"),
    ("fine_new", "clean", "enterprise", "A", "B", "fined in the ten days between the deliveries"),
    ("recurrent", "recurrent", "enterprise", "C", "C", "third large fine for the same violation in 24 months, report missing"),
    ("decoy", "clean", "enterprise", "A", "A", "many complaints, all refused or withdrawn"),
    ("failer_1", "food", "enterprise", "B", "B", "same item failed three times in twelve months"),
    ("failer_2", "food", "enterprise", "B", "B", "same item failed three times in twelve months"),
    ("failer_3", "food", "enterprise", "B", "B", "same item failed three times in twelve months"),
    ("failer_shop", "food", "individual", "=", "=", ""), ("fined_shop", "clean", "individual", "=", "=", ""),
    ("broken_fine_1", "clean", "enterprise", "A", "A", "its only penalty is quarantined"),
    ("broken_fine_2", "clean", "enterprise", "A", "A", "its only penalty is quarantined"),
]


@dataclass
class Entity:
    kind: str                                       # enterprise, individual or cooperative
    number: int
    name: str
    born: date
    industry: str                                   # letter and class, F5219
    area: str
    code: str = ""
    profile: str = "clean"
    planned: str = "A"
    planned_before: str = "A"                       # at the first delivery
    why: str = ""
    missing: set = field(default_factory=set)
    late: dict = field(default_factory=dict)        # report year -> day it was filed
    status: str = ""
    ended: date | None = None
    story: str = ""

    def __post_init__(self):
        self.code = credit_code(KINDS[self.kind], self.number)

    def food(self):
        return self.industry[1:].startswith(FOOD)


def credit_code(prefix, number):
    """A GB 32100 code with a true GB 11714 organisation part, of an authority that does not exist."""
    body = f"MA{number * 7919 % 1000000:06d}"
    rest = (11 - sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11) % 11
    code = f"{prefix}350199{body}{'X' if rest == 10 else rest}"
    return code + ALPHABET[(31 - sum(ALPHABET.index(c) * w for c, w in zip(code, WEIGHTS)) % 31) % 31]


def registration_number(kind, number):
    """The 15-digit number of before 2015, ISO 7064 MOD 11,10."""
    digits, p = f"350199{6 if kind == 'individual' else 1}{number:07d}", 10
    for d in digits:
        p = ((p + int(d)) % 10 or 10) * 2 % 11
    return digits + str((11 - p) % 10)


def chance(p):
    return R.random() < p


def between(a, b):
    return a + timedelta(R.randrange((b - a).days + 1))


def build():
    """All entities in order of their number, and the entity of every story."""
    city, seen = [], set()
    for kind, count in (("enterprise", 1391), ("individual", 550), ("cooperative", 60)):
        for _ in range(count):
            industry, word = draw_industry(kind)
            area = R.choices(list(AREAS), [weight for _, weight in AREAS.values()])[0]
            name = draw_name(kind, word, area)
            while name in seen:
                name = draw_name(kind, word, area)
            seen.add(name)
            born = date(2025, 5, 25) - timedelta(int(min(29.5, R.expovariate(1 / 6.5)) * 365.25))
            city.append(Entity(kind, len(city) + 1, name, born, industry, area))
    R.shuffle(city)                                 # so that numbers say nothing about kinds, and profiles nothing about numbers
    for number, e in enumerate(city, 1):
        e.number = number
        e.code = credit_code(KINDS[e.kind], number)
    give_profiles(city)
    return city, give_stories(city)


def draw_industry(kind):
    if kind == "cooperative":
        return R.choice(CROPS)
    drawn = R.choices(INDUSTRIES, [i[1 if kind == "enterprise" else 2] for i in INDUSTRIES])[0]
    return drawn[0], drawn[3]


def draw_name(kind, word, area):
    mark = R.choice(FIRST_CHARS) + R.choice(SECOND_CHARS) + ("" if chance(0.8) else R.choice(FIRST_CHARS))
    if kind == "individual":
        return f"{AREAS[area][0]}示例{mark}{word}店"
    if kind == "cooperative":
        return f"福州示例{mark}{word}农民专业合作社"
    shape = R.random()
    if shape < 0.08:
        return f"示例{mark}（福州）{word}有限公司"
    if shape < 0.11:
        return f"福州示例{R.choice('ABCDEFGHK')}{R.choice('LMNPQRST')}{R.choice(SECOND_CHARS)}{word}有限公司"
    return f"福州示例{mark}{word}{'股份' if shape > 0.96 else ''}有限公司"


def give_profiles(city):
    firms = R.sample([e for e in city if e.kind == "enterprise"], 1391)
    for profile in PROFILES:
        for e in [f for f in firms if f.profile == "clean" and f.born.year <= profile.born_by][:profile.count]:
            e.profile, e.planned, e.planned_before, e.why = profile.name, profile.planned, profile.planned, profile.why
            e.missing = set(profile.missing)
            if profile.name in ("cured", "late"):
                year = R.choice([2021, 2022])
                e.late[year] = between(date(year + 1, 8, 1), date(year + 1, 12, 1))
            if profile.name == "ended":
                e.status = R.choice(["注销", "XX", "4", "吊销，未注销", "D", "DX", "迁出", "QX"])
                e.ended = between(date(2021, 3, 1), date(2025, 5, 20))


def give_stories(city):
    stories, order = {}, R.sample(city, len(city))
    for name, profile, kind, before, after, why in STORIES:
        wanted = profile if profile in {p.name for p in PROFILES} else "clean"
        years = (2022, 2022) if profile == "recurrent" else (1995, 2019)
        e = next(e for e in order if e.kind == kind and e.profile == wanted and not e.story
                 and (years[0] <= e.born.year <= years[1] or kind == "individual") and (e.food() or profile != "food"))
        e.story, stories[name] = name, e
        if before != "=":
            e.planned_before, e.planned, e.why = before, after, why
    stories["recurrent"].missing = {2023}
    wrong = stories["wrong_check"]
    wrong.code = wrong.code[:-1] + ALPHABET[(ALPHABET.index(wrong.code[-1]) + 1) % 31]
    for name, text in (("formula", "=示例cmd|贸易有限公司"), ("script", "<script>示例alert(1)</script>有限公司"),
                       ("rare", "福州示例𠮷祥贸易有限公司"), ("twin_1", "示例老街小吃店"), ("twin_2", "示例老街小吃店")):
        stories[name].name = text
    if stories["twin_1"].area == stories["twin_2"].area:
        stories["twin_2"].area = "350128" if stories["twin_1"].area != "350128" else "350121"
    for name in ("date_iso", "date_chinese", "date_digits"):
        stories[name].born = date(2018, 3, 5)
    return stories
