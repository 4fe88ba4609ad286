"""Who a customer is: name keys, phone keys, 统一社会信用代码."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.identity import (
    USCC_CHARACTERS,
    email_problem,
    name_key,
    phone_key,
    uscc_check_character,
    uscc_clean,
    uscc_problem,
)
from presales_desktop.models.regions import PLACES

first17 = st.text(alphabet=USCC_CHARACTERS, min_size=17, max_size=17)


@pytest.mark.parametrize(
    "code",
    # published codes: the example of GB 32100-2015 (annex) and companies from the public register
    [
        "91350100M000100Y43",
        "91110000802100433B",
        "914403001922038216",
        "91440300708461136T",
        "９１３５０１００Ｍ０００１００Ｙ４３",
    ],
)
def test_published_codes_pass(code: str) -> None:
    assert uscc_problem(code) is None


@given(first17, st.sampled_from(USCC_CHARACTERS))
def test_exactly_one_check_character_is_right(head: str, other: str) -> None:
    right = uscc_check_character(head)
    assert uscc_problem(head + right) is None
    assert (uscc_problem(head + other) is None) == (other == right)


@given(first17, st.integers(0, 16), st.sampled_from(USCC_CHARACTERS))
def test_every_single_wrong_character_is_found(head: str, place: int, other: str) -> None:
    code = head + uscc_check_character(head)
    wrong = code[:place] + other + code[place + 1 :]
    problem = uscc_problem(wrong)
    assert (problem is None) == (wrong == code)
    if problem is not None:
        assert problem.code == "customer.uscc_check"


@given(first17, st.integers(0, 15))
def test_every_swap_of_neighbours_is_found(head: str, place: int) -> None:
    code = head + uscc_check_character(head)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (uscc_problem(swapped) is None) == (swapped == code)


@given(st.text(max_size=40))
def test_any_text_is_judged_without_failing(text: str) -> None:
    problem = uscc_problem(text)
    assert problem is None or problem.code in {"customer.uscc_length", "customer.uscc_character", "customer.uscc_check"}
    assert uscc_clean(uscc_clean(text)) == uscc_clean(text)


def test_the_problem_names_the_place_of_a_forbidden_letter() -> None:
    problem = uscc_problem("9135010OM000100Y43")
    assert problem is not None
    assert (problem.code, problem.values["place"], problem.values["character"]) == ("customer.uscc_character", 8, "O")


def test_check_character_needs_seventeen() -> None:
    with pytest.raises(ValueError, match="123"):
        uscc_check_character("123")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中山市古镇星辉灯饰有限公司", "中山古镇星辉灯饰厂"),
        ("欧普照明（上海）有限公司", "上海欧普照明股份有限公司"),
        ("广东省佛山市顺德区锦绣湾酒店管理有限公司", "锦绣湾酒店"),
        ("深圳市云境设计顾问有限公司", "云境设计（深圳）"),
        ("ＡＢＣ Lighting Co., Ltd.", "abc lighting"),
        ("杭州西溪望庄酒店有限公司", "杭州西溪望庄酒店有限责任公司"),
    ],
)
def test_spellings_of_one_company_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中山市星辉灯饰有限公司", "中山市星耀灯饰有限公司"),
        ("北京宏远建设有限公司", "北京宏达建设有限公司"),
        ("张伟", "张薇"),
    ],
)
def test_different_companies_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["中山灯饰厂", "北京", "有限公司", "长沙市"])
def test_a_name_without_anything_distinctive_keeps_a_key(name: str) -> None:
    assert len(name_key(name)) >= 2


core = st.text(alphabet="锦绣望湖云境宏远恒辰嘉禾瑞庭铭筑博雅", min_size=3, max_size=5)


@given(
    core,
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(["有限公司", "灯饰有限公司", "照明科技有限公司", "酒店", "厂"]),
)
def test_region_suffix_and_trade_never_change_the_key(name: str, place: str, suffix: str) -> None:
    assert name_key(f"{place}市{name}{suffix}") == name_key(name)
    assert name_key(f"{name}{suffix}（{place}）") == name_key(name)


@given(st.text(max_size=60))
def test_any_name_has_a_key_without_failing(text: str) -> None:
    assert isinstance(name_key(text), str)


@pytest.mark.parametrize(
    ("phone", "key"),
    [
        ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0760-2238 6600转8001", "076022386600"),
        ("(0760) 2238 6600 ext 8", "076022386600"),
        ("电话：13800138000 / 0760-22386600", "13800138000"),
        ("8601088886666", "01088886666"),
        ("110", ""),
        ("", ""),
    ],
)
def test_phone_numbers_are_compared_by_their_digits(phone: str, key: str) -> None:
    assert phone_key(phone) == key


@given(st.text(max_size=60))
def test_any_phone_is_read_without_failing(text: str) -> None:
    key = phone_key(text)
    assert key == "" or (key.isdigit() and len(key) >= 7)


@pytest.mark.parametrize(("email", "fine"), [("", True), ("a@b.cn", True), ("王敏@例子.公司", True), ("a@b", False), ("a b@c.cn", False), ("@c.cn", False)])  # fmt: skip
def test_email_addresses(email: str, fine: bool) -> None:
    assert (email_problem(email) is None) == fine
