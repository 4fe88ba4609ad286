"""The demo company's product ranges: what a lighting maker of Guzhen would list. All names, models and prices are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Size:
    """One product of a range: its code in the model number, what its name ends with, power and measures in mm."""

    code: str
    word: str
    watts: float
    length: int
    width: int
    height: int
    cutout: int | None = None


@dataclass(frozen=True)
class Range:
    """Products that share a look. `light` is a shape of services/demo/catalogue_light.py with its angle in degrees; `vary`
    says in what the variants of a product differ: cct, finish, beam or dimming. `yuan` = (base, a watt) of the list price."""

    prefix: str
    series: str
    noun: str
    category: str
    style: str
    grade: str
    mounting: str
    shape: str
    ip: str
    functions: tuple[str, ...]
    sizes: tuple[Size, ...]
    efficacy: int
    light: tuple[str, float]
    yuan: tuple[float, float]
    ra: int = 90
    vary: str = "cct"
    ccts: tuple[int, ...] = (3000, 4000)
    finishes: tuple[str, ...] = ("哑白",)
    beams: tuple[int, ...] = ()
    dimming: tuple[str, ...] = ("none",)
    lead: int = 7
    warranty: int = 3
    unit: str = "只"


def _round(codes: str, inches: str, watts: str, diameters: str, height: int) -> tuple[Size, ...]:
    """Round recessed sizes: cut-out 15 mm under the diameter."""
    return tuple(
        Size(code, word, float(w), int(d), int(d), height, int(d) - 15)
        for code, word, w, d in zip(codes.split(), inches.split(), watts.split(), diameters.split(), strict=True)
    )


def _watts(codes: str, watts: str, lengths: str, width: int, height: int) -> tuple[Size, ...]:
    """Sizes named by their power; width 0: as wide as long."""
    rows = zip(codes.split(), watts.split(), lengths.split(), strict=True)
    return tuple(Size(c, f"{w}W", float(w), int(length), width or int(length), height) for c, w, length in rows)


_G, _A, _M, _T = "general", "accent", "ambient", "task"
_WB = ("哑白", "哑黑")

RANGES: Final[tuple[Range, ...]] = (
    # 筒灯
    Range("XC", "星辰", "防眩筒灯", "downlight", "modern", "standard", "recessed", "round", "IP44", (_G, "antiglare"),
          _round("2503 3005 3507 4010 5015 6018 8025", "2.5寸 3寸 3.5寸 4寸 5寸 6寸 8寸", "3 5 7 10 15 18 25", "80 95 105 120 150 175 225", 62),
          88, ("downlight", 60), (38, 5.2), finishes=_WB, vary="cct+finish"),
    Range("YD", "云朵", "超薄筒灯", "downlight", "minimalist", "economy", "recessed", "round", "IP20", (_G,),
          _round("2504 3006 4009 5012 6018 8024", "2.5寸 3寸 4寸 5寸 6寸 8寸", "4 6 9 12 18 24", "88 98 118 140 172 220", 28),
          96, ("cosine", 110), (12, 2.1), ra=80, ccts=(3000, 4000, 6000), warranty=2),
    Range("JY", "静夜", "深藏防眩筒灯", "downlight", "luxury", "premium", "recessed", "round", "IP44", (_G, "antiglare"),
          _round("5507 7510 7512 9515 1220", "55开孔 75开孔 75加深 95开孔 125开孔", "7 10 12 15 20", "68 88 90 110 142", 95),
          86, ("downlight", 36), (96, 9.0), ra=95, finishes=("哑白", "香槟金"), vary="cct+finish", dimming=("dali",), warranty=5),
    Range("FW", "方位", "方形筒灯", "downlight", "modern", "standard", "recessed", "square", "IP20", (_G,),
          _round("3007 4010 5015 6020", "3寸 4寸 5寸 6寸", "7 10 15 20", "95 118 148 172", 70),
          90, ("downlight", 80), (42, 5.0), vary="cct"),
    Range("MZ", "明装星", "明装筒灯", "downlight", "modern", "standard", "surface", "round", "IP20", (_G,),
          _watts("0710 1015 1220 1530 1840", "7 12 18 24 36", "85 100 125 145 175", 0, 110),
          92, ("downlight", 60), (58, 4.6), finishes=_WB, vary="cct+finish"),
    # 射灯
    Range("ZG", "追光", "可调角射灯", "spotlight", "modern", "standard", "recessed", "round", "IP20", (_A, "antiglare"),
          _round("5505 7507 7510 8512 9515 9520", "5W 7W 10W 12W 15W 20W", "5 7 10 12 15 20", "65 85 88 95 108 110", 82),
          84, ("spot", 24), (52, 6.4), vary="beam", beams=(15, 24, 36)),
    Range("DT", "豆胆", "双头斗胆射灯", "spotlight", "commercial", "standard", "recessed", "rectangle", "IP20", (_A,),
          _watts("2020 2030 2040 2060", "20 30 40 60", "180 205 240 290", 110, 120),
          92, ("spot", 36), (96, 4.4), vary="beam", beams=(24, 36), ccts=(4000,)),
    Range("LY", "兰屿", "明装射灯", "spotlight", "nordic", "standard", "surface", "round", "IP20", (_A,),
          _watts("0507 0710 1015 1520", "7 10 15 20", "60 70 85 95", 0, 150),
          86, ("spot", 24), (78, 6.0), vary="cct+finish", finishes=_WB),
    # 轨道灯
    Range("GX", "光谱", "轨道射灯", "track", "commercial", "standard", "track", "round", "IP20", (_A,),
          _watts("0712 0915 1020 1230 1435 1640", "12 15 20 30 35 40", "65 75 85 95 100 110", 0, 165),
          98, ("spot", 24), (68, 4.2), vary="beam", beams=(15, 24, 36)),
    Range("CX", "磁享", "磁吸轨道格栅灯", "track", "minimalist", "premium", "track", "linear", "IP20", (_G, "antiglare"),
          _watts("1206 2212 3318 4424", "6 12 18 24", "120 222 325 428", 34, 42),
          82, ("downlight", 36), (118, 7.2), ra=95, vary="cct", dimming=("bluetooth",), warranty=5),
    Range("CF", "磁享", "磁吸轨道泛光灯", "track", "minimalist", "premium", "track", "linear", "IP20", (_G,),
          _watts("3010 6020 9030 1240", "10 20 30 40", "300 600 900 1200", 22, 40),
          92, ("linear", 110), (108, 5.4), ra=95, vary="cct", dimming=("bluetooth",), warranty=5),
    Range("MX", "美学", "美术馆轨道洗墙灯", "track", "luxury", "premium", "track", "rectangle", "IP20", ("wallwash", _A),
          _watts("1520 2030 2540", "20 30 40", "150 185 220", 95, 180),
          88, ("wallwash", 32), (268, 7.8), ra=97, ccts=(3000, 3500, 4000), dimming=("dali",), lead=15, warranty=5),
    # 线性灯
    Range("XT", "线条", "嵌入式线性灯", "linear", "minimalist", "standard", "recessed", "linear", "IP20", (_G,),
          _watts("0610 0915 1220 1525 1830 2440", "10 15 20 25 30 40", "600 900 1200 1500 1800 2400", 35, 35),
          105, ("linear", 110), (48, 5.2), vary="cct", ccts=(3000, 4000)),
    Range("XD", "天际", "办公线性吊灯", "linear", "commercial", "standard", "pendant", "linear", "IP20", (_G, _T, "antiglare"),
          _watts("0920 1230 1540 1850 2460", "20 30 40 50 60", "900 1200 1500 1800 2400", 60, 75),
          118, ("updown", 80), (138, 4.8), vary="cct+finish", finishes=("银灰", "哑黑"), dimming=("0_10v",), warranty=5),
    Range("XQ", "倾城", "线性洗墙灯", "linear", "modern", "premium", "surface", "linear", "IP66", ("wallwash", "outdoor"),
          _watts("0312 0518 1024 1036", "12 18 24 36", "300 500 1000 1000", 45, 52),
          92, ("wallwash", 24), (158, 6.2), ra=80, ccts=(2700, 3000), dimming=("dmx",), lead=20),
    # 面板灯
    Range("PB", "平波", "平板灯", "panel", "commercial", "economy", "recessed", "square", "IP20", (_G,),
          _watts("3012 3018 6036 6040 6048 6054", "12 18 36 40 48 54", "300 300 595 595 595 595", 0, 32),
          108, ("panel", 0), (42, 2.0), ra=80, ccts=(4000, 6000)),
    Range("PZ", "护眼", "教室护眼面板灯", "panel", "commercial", "premium", "pendant", "rectangle", "IP20", (_T, "antiglare"),
          _watts("1232 1236 1240 1248", "32 36 40 48", "1200 1200 1200 1200", 300, 50),
          112, ("batwing", 0), (198, 4.4), ra=95, ccts=(4000, 5000), dimming=("dali",), warranty=5),
    Range("PL", "微晶", "微晶防眩面板灯", "panel", "commercial", "standard", "recessed", "rectangle", "IP20", (_G, "antiglare"),
          _watts("3024 3036 6036 1236 1248", "24 36 36 36 48", "600 1200 600 1200 1200", 300, 38),
          116, ("batwing", 0), (98, 3.2), ra=90, ccts=(4000, 5000), warranty=5),
    # 吊灯
    Range("HQ", "和清", "新中式吊灯", "pendant", "chinese", "premium", "pendant", "round", "IP20", (_M,),
          _watts("4524 6036 8048 9064 1280", "24 36 48 64 80", "450 600 800 900 1200", 0, 380),
          70, ("globe", 0), (680, 22), ra=90, ccts=(3000, 3500), lead=25, unit="套"),
    Range("BO", "北屿", "北欧吊灯", "pendant", "nordic", "standard", "pendant", "round", "IP20", (_M, _T),
          _watts("2508 3012 3515 4018 4524", "8 12 15 18 24", "250 300 350 400 450", 0, 260),
          78, ("shade", 100), (168, 9), finishes=("原木白", "墨绿", "橘粉"), vary="finish", ccts=(3000,), lead=12, unit="套"),
    Range("ZH", "知月", "轻奢环形吊灯", "pendant", "luxury", "premium", "pendant", "ring", "IP20", (_M, _G),
          _watts("6040 8056 1072 1288 1596", "40 56 72 88 96", "600 800 1000 1200 1500", 0, 90),
          85, ("updown", 110), (560, 13), finishes=("香槟金", "哑黑"), vary="cct+finish", ccts=(3000, 4000), dimming=("triac",), lead=20, unit="套"),
    Range("SJ", "水晶宫", "水晶吊灯", "pendant", "classic", "custom", "pendant", "round", "IP20", (_M,),
          _watts("8072 1096 1214 1518", "72 96 144 180", "800 1000 1200 1500", 0, 700),
          62, ("globe", 0), (2680, 38), ra=90, ccts=(3000,), vary="finish", finishes=("香槟金", "古铜"), lead=40, unit="套"),
    Range("GJ", "工匠", "工业风吊灯", "pendant", "industrial", "standard", "pendant", "round", "IP20", (_M, _T),
          _watts("2812 3515 4220", "12 15 20", "280 350 420", 0, 300),
          80, ("downlight", 90), (128, 7), finishes=("哑黑", "做旧铁"), vary="finish", ccts=(3000,), lead=10, unit="套"),
    # 吸顶灯
    Range("XY", "晓月", "客厅吸顶灯", "ceiling", "modern", "standard", "surface", "rectangle", "IP20", (_G, "tunable", "smart"),
          _watts("7272 9096 1012 1215", "72 96 120 150", "700 900 1060 1250", 600, 90),
          88, ("cosine", 120), (198, 4.4), ra=95, ccts=(4000,), dimming=("zigbee", "bluetooth"), vary="dimming", unit="套"),
    Range("XW", "晓星", "卧室吸顶灯", "ceiling", "modern", "standard", "surface", "round", "IP20", (_G, "tunable"),
          _watts("4024 4536 5048 6060", "24 36 48 60", "400 450 500 600", 0, 85),
          88, ("cosine", 120), (138, 3.6), ra=95, ccts=(3000, 4000), unit="套"),
    Range("XF", "防护", "防潮吸顶灯", "ceiling", "minimalist", "economy", "surface", "round", "IP54", (_G, "sensor"),
          _watts("2612 3018 3524 3830", "12 18 24 30", "260 300 350 380", 0, 70),
          92, ("cosine", 120), (28, 2.2), ra=80, ccts=(4000, 6000), warranty=2),
    Range("XG", "禅意", "新中式吸顶灯", "ceiling", "chinese", "premium", "surface", "square", "IP20", (_G, _M),
          _watts("4536 5548 6572 9096", "36 48 72 96", "450 550 650 900", 0, 130),
          80, ("cosine", 120), (420, 7), ccts=(3000, 4000), lead=18, unit="套"),
    # 壁灯
    Range("BD", "壁语", "上下出光壁灯", "wall", "modern", "standard", "wall", "rectangle", "IP20", (_M,),
          _watts("1006 1510 2012 2520", "6 10 12 20", "100 150 200 250", 90, 110),
          76, ("upwall", 40), (98, 8), finishes=("哑白", "哑黑", "沙金"), vary="finish", ccts=(3000,)),
    Range("BH", "户光", "户外壁灯", "wall", "modern", "standard", "wall", "round", "IP65", (_M, "outdoor"),
          _watts("0707 0912 1118 1324", "7 12 18 24", "75 90 110 130", 0, 220),
          74, ("upwall", 30), (138, 8), ra=80, finishes=("深灰", "哑黑"), vary="finish", ccts=(3000,), lead=10),
    Range("BC", "床语", "床头阅读壁灯", "wall", "luxury", "premium", "wall", "round", "IP20", (_T, _M),
          _watts("0503 0605 0808", "3 5 8", "80 100 120", 60, 300),
          70, ("wall", 60), (168, 14), finishes=("香槟金", "哑黑"), vary="finish", ccts=(3000,), dimming=("triac",)),
    Range("BZ", "竹影", "新中式壁灯", "wall", "chinese", "premium", "wall", "rectangle", "IP20", (_M,),
          _watts("1208 1612 2015", "8 12 15", "120 160 200", 100, 380),
          72, ("wall", 110), (288, 12), ccts=(3000,), vary="finish", finishes=("胡桃木", "黑檀"), lead=18),
    # 台灯
    Range("TH", "护目", "护眼台灯", "table", "minimalist", "premium", "table", "linear", "IP20", (_T, "smart", "tunable"),
          _watts("1012 1216 1418 1824", "12 16 18 24", "420 460 520 600", 180, 450),
          85, ("desk", 90), (198, 9), ra=97, ccts=(4000,), vary="finish", finishes=("哑白", "深空灰"), dimming=("bluetooth",), unit="台"),
    Range("TC", "床语", "床头台灯", "table", "luxury", "standard", "table", "round", "IP20", (_M,),
          _watts("2806 3209 3612 4012", "6 9 12 12", "280 320 360 400", 0, 520),
          70, ("lamp", 0), (228, 14), ccts=(2700, 3000), dimming=("triac",), lead=12, unit="台"),
    # 落地灯
    Range("LD", "落霞", "客厅落地灯", "floor", "nordic", "standard", "floor", "round", "IP20", (_M,),
          _watts("3512 4018 4524 5030", "12 18 24 30", "350 400 450 500", 0, 1600),
          72, ("lamp", 0), (368, 14), finishes=("原木白", "哑黑"), vary="finish", ccts=(3000,), lead=12, unit="台"),
    Range("LH", "立行", "办公立式灯", "floor", "commercial", "premium", "floor", "rectangle", "IP20", (_T, "sensor", "antiglare"),
          _watts("6080 6090 6010", "80 90 110", "600 600 600", 300, 1950),
          120, ("updown", 90), (1280, 12), ccts=(4000,), vary="finish", finishes=("银灰", "哑黑"), dimming=("dali",), lead=25, warranty=5, unit="台"),
    # 灯带
    Range("DD", "流光", "低压灯带", "strip", "modern", "standard", "adhesive", "linear", "IP20", (_M,),
          _watts("0805 0808 1010 1012 1014 1220", "5 8 10 12 14 20", "1000 1000 1000 1000 1000 1000", 10, 3),
          100, ("cosine", 120), (6, 1.9), ccts=(2700, 3000, 4000, 6000), dimming=("0_10v",), unit="米"),
    Range("DN", "霓虹", "柔性霓虹灯带", "strip", "modern", "premium", "adhesive", "linear", "IP67", (_M, "outdoor"),
          _watts("0612 1015 1620", "8 10 14", "1000 1000 1000", 12, 22),
          62, ("cosine", 120), (38, 3.2), ra=80, ccts=(3000, 4000), unit="米", lead=10),
    # 投光灯
    Range("TG", "擎天", "投光灯", "flood", "commercial", "standard", "surface", "rectangle", "IP66", ("outdoor", _A),
          _watts("0030 0050 0100 0150 0200 0300", "30 50 100 150 200 300", "180 220 280 320 360 420", 190, 60),
          118, ("flood", 60), (86, 2.9), ra=80, vary="beam", beams=(30, 60), ccts=(4000,), warranty=5, lead=10),
    Range("TS", "山海", "景观插地投光灯", "flood", "modern", "standard", "ground", "round", "IP65", ("outdoor", _A),
          _watts("0607 0812 1018 1224", "7 12 18 24", "75 90 110 130", 0, 130),
          82, ("spot", 24), (78, 5.6), ra=80, vary="beam", beams=(15, 24, 36), ccts=(3000,), lead=10),
    # 地埋灯
    Range("DM", "地脉", "地埋灯", "inground", "commercial", "standard", "ground", "round", "IP67", ("outdoor", _A),
          _round("0603 0906 1209 1512 1818 2524", "3W 6W 9W 12W 18W 24W", "3 6 9 12 18 24", "75 100 120 150 180 250", 110),
          78, ("uplight", 24), (98, 9), ra=80, ccts=(3000, 4000), lead=12),
    Range("DX", "线脉", "线形地埋灯", "inground", "commercial", "premium", "ground", "linear", "IP67", ("outdoor", "wallwash"),
          _watts("0512 1024 1036", "12 24 36", "500 1000 1000", 80, 95),
          84, ("uplight", 40), (268, 9), ra=80, ccts=(3000,), dimming=("dmx",), vary="dimming", lead=20),
    # 工矿灯
    Range("GK", "重器", "工矿灯", "highbay", "industrial", "standard", "pendant", "round", "IP65", (_G,),
          _watts("0100 0120 0150 0200 0240", "100 120 150 200 240", "260 280 310 350 380", 0, 160),
          145, ("downlight", 90), (98, 2.2), ra=80, vary="beam", beams=(60, 90), ccts=(5000,), dimming=("0_10v",), warranty=5, lead=10, unit="台"),
    Range("GL", "长虹", "线性工矿灯", "highbay", "industrial", "standard", "surface", "linear", "IP65", (_G,),
          _watts("0640 1280 1210 1516", "40 80 100 160", "600 1200 1200 1500", 90, 85),
          150, ("batwing", 0), (88, 2.4), ra=80, ccts=(4000, 5000), warranty=5, lead=10),
    Range("GS", "净护", "三防灯", "highbay", "commercial", "economy", "surface", "linear", "IP65", (_G, "emergency"),
          _watts("0618 1236 1250 1560", "18 36 50 60", "600 1200 1200 1500", 76, 72),
          120, ("linear", 120), (38, 1.6), ra=80, ccts=(4000, 6000), unit="套"),
    # 控制设备与配件：没有光
    Range("KZ", "智控", "调光控制器", "control", "commercial", "standard", "none", "rectangle", "IP20", ("smart",),
          (Size("DA64", "DALI 64 地址网关", 3, 90, 72, 58), Size("BM01", "蓝牙网关", 2, 86, 86, 24),
           Size("ZM04", "四键场景面板", 1, 86, 86, 38), Size("SR01", "微波感应器", 1, 60, 60, 32)),
          0, ("none", 0), (198, 8), vary="finish", finishes=("白",), lead=5, unit="个"),
    Range("PJ", "配件", "驱动与导轨", "accessory", "commercial", "standard", "none", "linear", "IP20", (),
          (Size("QD60", "恒压驱动 60W", 60, 180, 48, 30), Size("QD150", "恒压驱动 150W", 150, 220, 62, 36),
           Size("GD10", "两线导轨 1 米", 0, 1000, 36, 18), Size("GD20", "两线导轨 2 米", 0, 2000, 36, 18),
           Size("CG20", "磁吸嵌入轨道 2 米", 0, 2000, 26, 52)),
          0, ("none", 0), (48, 0.6), vary="finish", finishes=("白", "黑"), lead=5, unit="件"),
)  # fmt: skip
