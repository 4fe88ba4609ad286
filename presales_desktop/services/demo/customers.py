"""Sixty invented customers of a lighting company: hotels, developers, design studios, shops, villa owners.

Names, people, numbers and codes are made up; the codes have a right check digit, the mobile numbers a block of zeros.
"""

from __future__ import annotations

from typing import Final

from presales_desktop.models.identity import USCC_CHARACTERS, uscc_check_character
from presales_desktop.services import customers
from presales_desktop.services.customers import ContactDraft, CustomerDraft, SiteDraft
from presales_desktop.services.demo.stage import Stage

# name, short name, industry, importance, region, administrative division (six digits), area code of the telephone
_COMPANIES: Final = (
    ("珠海锦绣湾酒店管理有限公司", "锦绣湾酒店", "hotel", "key", "广东珠海", "440402", "0756"),
    ("深圳市云境室内设计顾问有限公司", "云境设计", "design_studio", "key", "广东深圳", "440305", "0755"),
    ("杭州望湖置业发展有限公司", "望湖置业", "developer", "key", "浙江杭州", "330106", "0571"),
    ("广州珠江之畔国际大酒店有限公司", "珠江之畔", "hotel", "key", "广东广州", "440106", "020"),
    ("三亚海棠湾蓝屿度假酒店有限公司", "蓝屿度假酒店", "hotel", "key", "海南三亚", "460202", "0898"),
    ("成都锦官里商业管理有限公司", "锦官里", "retail", "key", "四川成都", "510107", "028"),
    ("上海澜庭建筑装饰设计工程有限公司", "澜庭装饰", "engineering", "important", "上海", "310104", "021"),
    ("北京拾光里家居连锁有限公司", "拾光里家居", "retail", "important", "北京", "110105", "010"),
    ("佛山市顺德区南塘餐饮管理有限公司", "南塘餐饮", "restaurant", "important", "广东佛山", "440606", "0757"),
    ("长沙橘洲云府房地产开发有限公司", "橘洲云府", "developer", "important", "湖南长沙", "430104", "0731"),
    ("厦门鹭屿文化酒店有限公司", "鹭屿酒店", "hotel", "important", "福建厦门", "350203", "0592"),
    ("南京栖霞书苑教育科技有限公司", "栖霞书苑", "school", "important", "江苏南京", "320113", "025"),
    ("武汉东湖绿心会展中心有限公司", "东湖会展", "government", "important", "湖北武汉", "420111", "027"),
    ("苏州平江里文化旅游发展有限公司", "平江里", "hotel", "important", "江苏苏州", "320508", "0512"),
    ("重庆山城雾里餐饮文化有限公司", "雾里餐饮", "restaurant", "important", "重庆", "500103", "023"),
    ("青岛海岬医疗美容医院有限公司", "海岬医院", "hospital", "important", "山东青岛", "370202", "0532"),
    ("东莞松山湖智造产业园开发有限公司", "松山湖智造园", "factory", "important", "广东东莞", "441900", "0769"),
    ("中山市岐江新天地商业广场有限公司", "岐江新天地", "retail", "important", "广东中山", "442000", "0760"),
    ("昆明滇池半岛酒店管理有限公司", "滇池半岛", "hotel", "normal", "云南昆明", "530112", "0871"),
    ("西安长安里民宿管理有限公司", "长安里民宿", "hotel", "normal", "陕西西安", "610113", "029"),
    ("广州言木空间设计工作室", "言木设计", "design_studio", "important", "广东广州", "440104", "020"),
    ("深圳市白屿建筑设计事务所", "白屿事务所", "design_studio", "important", "广东深圳", "440304", "0755"),
    ("杭州竹里馆室内设计有限公司", "竹里馆设计", "design_studio", "normal", "浙江杭州", "330102", "0571"),
    ("成都观山空间设计有限公司", "观山设计", "design_studio", "normal", "四川成都", "510104", "028"),
    ("上海序言光环境设计咨询有限公司", "序言光环境", "design_studio", "important", "上海", "310101", "021"),
    ("宁波东钱湖度假村有限公司", "东钱湖度假村", "hotel", "normal", "浙江宁波", "330212", "0574"),
    ("合肥庐州意库文化发展有限公司", "庐州意库", "retail", "normal", "安徽合肥", "340104", "0551"),
    ("郑州中原汇商业管理有限公司", "中原汇", "retail", "normal", "河南郑州", "410105", "0371"),
    ("无锡太湖之星母婴护理中心有限公司", "太湖之星月子中心", "hospital", "normal", "江苏无锡", "320211", "0510"),
    ("福州三坊里茶业有限公司", "三坊里茶", "retail", "normal", "福建福州", "350102", "0591"),
    ("南宁青秀山语房地产开发有限公司", "青秀山语", "developer", "normal", "广西南宁", "450103", "0771"),
    ("海口椰风里咖啡连锁有限公司", "椰风里咖啡", "restaurant", "normal", "海南海口", "460106", "0898"),
    ("大连星海湾游艇俱乐部有限公司", "星海湾游艇会", "hotel", "normal", "辽宁大连", "210204", "0411"),
    ("天津海河里酒店有限公司", "海河里酒店", "hotel", "normal", "天津", "120101", "022"),
    ("济南泉城会客厅文化有限公司", "泉城会客厅", "restaurant", "normal", "山东济南", "370102", "0531"),
    ("佛山市禅城区和光灯饰工程有限公司", "和光灯饰", "engineering", "normal", "广东佛山", "440604", "0757"),
    ("中山市古镇星港灯饰经营部", "星港灯饰", "distributor", "normal", "广东中山", "442000", "0760"),
    ("惠州市巽寮湾海景公寓管理有限公司", "巽寮湾公寓", "hotel", "normal", "广东惠州", "441302", "0752"),
    ("江门市侨韵文化艺术中心", "侨韵艺术中心", "government", "normal", "广东江门", "440703", "0750"),
    ("珠海市香洲区启明星幼儿园", "启明星幼儿园", "school", "normal", "广东珠海", "440402", "0756"),
    ("长沙湘江里律师事务所", "湘江里律所", "office", "normal", "湖南长沙", "430102", "0731"),
    ("深圳市前海远帆科技有限公司", "远帆科技", "office", "important", "广东深圳", "440305", "0755"),
    ("广州南沙港湾物流有限公司", "港湾物流", "factory", "normal", "广东广州", "440115", "020"),
    ("贵阳花溪云舍酒店有限公司", "花溪云舍", "hotel", "normal", "贵州贵阳", "520111", "0851"),
    ("石家庄滹沱河体育公园管理有限公司", "滹沱河体育公园", "government", "normal", "河北石家庄", "130102", "0311"),
    ("嘉兴南湖书院文化传播有限公司", "南湖书院", "school", "normal", "浙江嘉兴", "330402", "0573"),
    ("泉州鲤城陶瓷艺术馆有限公司", "鲤城陶瓷馆", "retail", "normal", "福建泉州", "350502", "0595"),
    ("温州瓯江口家居广场有限公司", "瓯江口家居", "retail", "normal", "浙江温州", "330302", "0577"),
    ("银川贺兰山酒庄有限公司", "贺兰山酒庄", "restaurant", "normal", "宁夏银川", "640104", "0951"),
    ("徐州云龙湖度假酒店有限公司", "云龙湖度假酒店", "hotel", "normal", "江苏徐州", "320303", "0516"),
    ("太原汾河里商务酒店有限公司", "汾河里酒店", "hotel", "normal", "山西太原", "140105", "0351"),
    ("常州龙城里置业有限公司", "龙城里置业", "developer", "normal", "江苏常州", "320402", "0519"),
)  # fmt: skip
# villa owners
_PERSONS: Final = (
    ("周慕云", "广东中山", "key", "雍景园 12 栋"),
    ("沈知行", "浙江杭州", "important", "西溪里 3 栋"),
    ("何嘉怡", "广东珠海", "important", "情侣北路 88 号海怡湾 6 座 2501"),
    ("顾远山", "江苏苏州", "normal", "金鸡湖畔 21 栋"),
    ("林若溪", "福建厦门", "normal", "环岛路观海台 9 号"),
    ("欧阳明轩", "四川成都", "normal", "麓湖岛 5 栋"),
    ("陆时雨", "上海", "normal", "佘山东麓 17 号"),
    ("唐婉清", "广东佛山", "normal", "千灯湖 1 号 3 座 1802"),
)
_SURNAMES: Final = "陈林黄李张王吴刘蔡杨郑谢许曾邓梁罗冯叶苏潘袁董"
_GIVEN: Final = (
    "志强",
    "丽华",
    "家豪",
    "雪梅",
    "文博",
    "晓燕",
    "建国",
    "思琪",
    "海涛",
    "玉珍",
    "子墨",
    "慧敏",
    "俊杰",
    "秋月",
    "立新",
    "嘉欣",
)
_TITLES: Final = ("采购经理", "工程总监", "项目经理", "总经理助理", "设计总监", "运营总监", "采购主管", "店长")
_STREETS: Final = ("人民路", "中山大道", "滨江东路", "科技园南路", "解放北路", "湖滨路", "文化街", "商业一路")
_SOURCES: Final = ("referral", "exhibition", "phone", "online", "repeat", "store", "partner", "email")
_NOTES: Final = (
    "重视照明舒适度，要求全部灯具做防眩处理。",
    "采购流程：设计部选型，工程部核价，总经理签字。",
    "付款按月结，发票随货。",
    "样板间通过后再批量下单。",
    "老板娘对灯具造型很有主见，喜欢黄铜和云石。",
    "",
    "",
    "",
)  # fmt: skip


def fill(stage: Stage) -> None:
    """Make them over the last year, owned by 王敏 and 李强, some taken up by 何梅 at the telephone."""
    count = len(_COMPANIES) + len(_PERSONS)
    for n, company in enumerate(_COMPANIES):
        stage.day(360 - n * 6, 9 + n % 8, n % 60)
        _keep(stage, _company(stage, company), n)
    for n, person in enumerate(_PERSONS, start=len(_COMPANIES)):
        stage.day(max(3, 360 - n * 6), 10 + n % 6)
        _keep(stage, _person(stage, person), n)
    _afterwards(stage, count)


def _keep(stage: Stage, draft: CustomerDraft, n: int) -> None:
    login = "wangmin" if n % 2 == 0 else "liqiang"
    draft.owner_id = stage.actors[login].id
    stage.note("customer", stage.run("hemei" if n % 7 == 6 else login, customers.save, draft))


def _mobile(stage: Stage) -> str:
    return f"1{stage.rng.choice(('38', '39', '36', '37', '58', '86'))}0000{stage.rng.randrange(10_000):04d}"


def _uscc(stage: Stage, division: str) -> str:
    body = "".join(stage.rng.choice(USCC_CHARACTERS) for _ in range(7))
    head = f"91{division}MA{body}"
    return head + uscc_check_character(head)


def _contact(stage: Stage) -> ContactDraft:
    rng = stage.rng
    return ContactDraft(
        name=rng.choice(_SURNAMES) + rng.choice(_GIVEN),
        title=rng.choice(_TITLES),
        phone=_mobile(stage),
        wechat="同手机" if rng.random() < 0.5 else "",
    )


def _company(stage: Stage, company: tuple[str, str, str, str, str, str, str]) -> CustomerDraft:
    name, short, industry, importance, region, division, area_code = company
    rng = stage.rng
    number = rng.randrange(10, 300)
    return CustomerDraft(
        kind="company",
        name=name,
        short_name=short,
        uscc=_uscc(stage, division) if rng.random() < 0.85 else "",
        phone=f"{area_code}-8{rng.randrange(10)}00{rng.randrange(10_000):04d}",
        region=region,
        industry=industry,
        importance=importance,
        source=rng.choice(_SOURCES),
        notes=rng.choice(_NOTES),
        contacts=[_contact(stage) for _ in range(rng.choice((1, 1, 2, 2, 3)))],
        sites=[
            SiteDraft(
                kind="office", label="公司", region=region, address=f"{region}{rng.choice(_STREETS)} {number} 号"
            ),
            SiteDraft(
                kind="site", label=short, region=region, address=f"{region}{rng.choice(_STREETS)} {number + 7} 号"
            ),
        ],
    )


def _person(stage: Stage, person: tuple[str, str, str, str]) -> CustomerDraft:
    name, region, importance, address = person
    return CustomerDraft(
        kind="person",
        name=name,
        phone=_mobile(stage),
        region=region,
        industry="villa",
        importance=importance,
        source=stage.rng.choice(("referral", "store", "online")),
        notes="自住，全屋照明。",
        sites=[SiteDraft(kind="site", label="住宅", region=region, address=f"{region}{address}")],
    )


def _afterwards(stage: Stage, count: int) -> None:
    """A little history: one archived, one handed over, a contact added later."""
    ids = stage.ids["customer"]
    stage.day(90, 15)
    stage.run("zhaolei", customers.do, ids[45], "archive", {})
    stage.day(60, 11)
    stage.run("zhaolei", customers.assign_many, [ids[20]], stage.actors["liqiang"].id)
    stage.day(12, 16)
    draft = stage.run("wangmin", customers.load, ids[0])
    draft.contacts.append(ContactDraft(name="梁思琪", title="酒店筹建办主任", phone=_mobile(stage)))
    stage.run("wangmin", customers.save, draft)
    assert len(ids) == count
