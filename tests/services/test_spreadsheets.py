"""Reading what companies keep in Excel, and surviving everything else that people drop on the window."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from presales_desktop.models.errors import InputError
from presales_desktop.services import delimited, spreadsheets
from presales_desktop.services.cells import text
from presales_desktop.texts import lookup
from tests.helpers import sheets

KNOWN = ("客户名称", "电话", "地区", "备注")
ROWS = [
    ["序号", "客户名称*", "电话", "地区（省市）"],
    [1, "中山星辉灯饰有限公司", 13800138000, "广东中山"],
    [2, "云境设计", "0760-88886666", ""],
]
XLSX = sheets.workbook(("客户", ROWS), title="灯港照明 2026 年客户一览表")
FINE = {"file.empty", "file.not_a_table", "file.too_large", "file.type_unknown", "file.unreadable"}


def refused(data: bytes | Path, name: str = "客户.xlsx") -> InputError:
    with pytest.raises(InputError) as caught:
        spreadsheets.read(data, name if isinstance(data, bytes) else "")
    assert caught.value.file == (name if isinstance(data, bytes) else data.name)
    return caught.value


def test_the_header_is_found_under_a_merged_title() -> None:
    sheet = spreadsheets.read_table(XLSX, "客户.xlsx", known=KNOWN)
    assert sheet.headers == ("序号", "客户名称*", "电话", "地区（省市）")
    assert (sheet.header_line, sheet.titles, sheet.hits) == (2, ("灯港照明 2026 年客户一览表",), 3)
    assert [row.line for row in sheet.rows] == [3, 4]
    assert [text(c) for c in sheet.rows[0].cells] == ["1", "中山星辉灯饰有限公司", "13800138000", "广东中山"]
    assert sheet.samples("电话") == ("13800138000", "0760-88886666")


def test_lines_keep_their_number_over_empty_rows() -> None:
    rows = [ROWS[0], [], ROWS[1], [None, "  ", None], ROWS[2]]
    sheet = spreadsheets.read_table(sheets.workbook(("a", rows), title="t"), "x.xlsx", known=KNOWN)
    assert [row.line for row in sheet.rows] == [4, 6]


def test_the_sheet_with_the_most_known_titles_is_taken() -> None:
    data = sheets.workbook(("说明", [["填写说明", "请看"], ["一", "二"]]), ("名单", ROWS))
    assert spreadsheets.read_table(data, "x.xlsx", known=KNOWN).name == "名单"
    assert len(spreadsheets.read(data, "x.xlsx", known=KNOWN)) == 2


def test_hidden_sheets_are_left_alone() -> None:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet("看得见").write_row(0, 0, ["客户名称", "电话"])
    hidden = book.add_worksheet("隐藏")
    hidden.write_row(0, 0, ["客户名称", "电话", "备注"])
    hidden.hide()
    book.close()
    assert [s.name for s in spreadsheets.read(out.getvalue(), "x.xlsx", known=KNOWN)] == ["看得见"]


def test_repeated_and_missing_titles_get_names_of_their_own() -> None:
    data = sheets.workbook(("a", [["客户名称", "电话", "电话", None], ["甲公司", 1234567, 7654321, "多出的一列"]]))
    assert spreadsheets.read_table(data, "x.xlsx", known=KNOWN).headers == ("客户名称", "电话", "电话 (2)", "(D)")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_text_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str, newline: str) -> None:
    data = sheets.text([["客户名单"], *ROWS], encoding, delimiter, newline)
    sheet = spreadsheets.read_table(data, "客户.csv", known=KNOWN)
    assert sheet.headers[1:3] == ("客户名称*", "电话")
    assert [(row.line, row.cells[1]) for row in sheet.rows] == [(3, "中山星辉灯饰有限公司"), (4, "云境设计")]


def test_a_quoted_field_may_hold_lines_and_delimiters_and_lines_count_on() -> None:
    data = '客户名称,备注\n"甲,公司","第一行\n第二行"\n乙公司,\n'.encode()
    sheet = spreadsheets.read_table(data, "x.csv", known=KNOWN)
    assert [(row.line, row.cells) for row in sheet.rows] == [(2, ("甲,公司", "第一行\n第二行")), (4, ("乙公司", ""))]


def test_an_inch_mark_inside_a_field_is_no_quote() -> None:
    sheet = spreadsheets.read_table('客户名称,备注\n甲公司,5" 筒灯\n'.encode(), "x.csv", known=KNOWN)
    assert sheet.rows[0].cells == ("甲公司", '5" 筒灯')


def test_dates_and_flags_come_as_what_they_are() -> None:
    data = sheets.workbook(("a", [["客户名称", "日期", "是否"], ["甲", dt.date(2026, 3, 1), True]]))
    cells = spreadsheets.read_table(data, "x.xlsx", known=KNOWN).rows[0].cells
    assert text(cells[1]) == "2026-03-01"
    assert text(cells[2]) == "是"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"\xef\xbb\xbf", "import.no_header"),
        (b"\r\n \n", "file.empty"),
        (XLSX[:500], "import.damaged"),
        (XLSX[:-30], "import.damaged"),
        (b"PK\x03\x04" + b"\x00" * 100, "import.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 4000, "import.damaged"),
        (b"%PDF-1.7\n\x00\x01\x02", "file.not_a_table"),
        (b"\x01\x02\x03\x04 some binary", "import.not_text"),
        (b"<html><table><tr><td>x</td></tr></table>", "import.web_page"),
        ("客户名称,电话\n\"甲,1\n乙,2\n".encode(), "import.broken_quotes"),
        (b"just one line of words", "import.no_header"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_reason(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_errors_name_the_line() -> None:
    assert refused(b"name,phone\na,1\n\x01\x02,2\n").line == 3
    assert refused('名称,电话\n甲,1\n"乙,2\n'.encode()).line == 3
    assert refused("名称,电话\n甲,1\n".encode("gb18030") + b"\xff\xff,2\n").line == 3


def test_other_archives_are_told_from_workbooks() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert refused(out.getvalue(), "合同.docx").code == "file.type_unknown"


def test_a_protected_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "加密.xlsx"
    path.write_bytes(
        _compound({"EncryptedPackage": b"\x00" * 5000, "EncryptionInfo": b"\x04\x00\x04\x00" + b"\x00" * 5000})
    )
    assert refused(path).code == "import.protected"


def test_missing_files_and_folders_are_unreadable(tmp_path: Path) -> None:
    assert refused(tmp_path / "没有.xlsx").code == "file.unreadable"
    assert refused(tmp_path).code == "file.unreadable"


def test_one_cell_in_the_last_corner_does_not_fill_the_memory() -> None:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    page.write(0, 0, "客户名称")
    page.write(1_048_575, 16_383, "x")
    book.close()
    assert refused(out.getvalue()).code == "import.too_many_rows"
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    page.write(0, 0, "客户名称")
    page.write(9, 16_000, "x")
    book.close()
    assert refused(out.getvalue()).code == "import.too_many_cells"


def test_formats_far_below_the_table_do_not_count_as_rows() -> None:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    bold = book.add_format({"bold": True})
    page.write_row(0, 0, ["客户名称", "电话"])
    page.write_row(1, 0, ["甲", "1234567"])
    page.write_blank(1_048_575, 3, None, bold)
    book.close()
    assert len(spreadsheets.read_table(out.getvalue(), "x.xlsx", known=KNOWN).rows) == 1


def test_a_zip_bomb_is_refused_before_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 3_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for info in old.infolist():
            package.writestr(info.filename, old.read(info.filename))
        package.writestr("xl/sharedStrings2.xml", b"\x20" * 4_000_000)
    bomb = out.getvalue()
    assert len(bomb) < 20_000
    assert refused(bomb).code == "file.too_large"
    # the same with a directory that claims the part is small
    lying = bomb.replace(struct.pack("<L", 4_000_000), struct.pack("<L", 1000))
    assert lying != bomb
    assert refused(lying).code in ("file.too_large", "import.damaged")


def test_limits_of_size_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 50)
    data = sheets.text([["客户名称", "电话"], *([["甲", i] for i in range(200)])], "utf-8")
    assert refused(data, "x.csv").code == "import.too_many_rows"
    big = sheets.workbook(("a", [["客户名称", "电话"], *([["甲", i] for i in range(200)])]))
    assert refused(big).code == "import.too_many_rows"
    monkeypatch.setattr(spreadsheets, "MAX_BYTES", 100)
    assert refused(data, "x.csv").code == "file.too_large"


def readable(data: bytes, name: str = "x") -> None:
    """Whatever the bytes are: tables, or InputError with the file's name."""
    found, refusal = (), None
    try:
        found = spreadsheets.read(data, name, known=KNOWN)
    except InputError as error:
        refusal = error
    if refusal is not None:
        assert refusal.file == name
        assert refusal.code in FINE or refusal.code.startswith("import.")
    for sheet in found:
        assert all(len(row.cells) == len(sheet.headers) for row in sheet.rows)
        assert len(set(sheet.headers)) == len(sheet.headers)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(XLSX)), st.binary(max_size=40), st.integers(0, len(XLSX)))
def test_garbled_and_truncated_workbooks_never_raise_anything_else(at: int, noise: bytes, end: int) -> None:
    readable(XLSX[:at] + noise + XLSX[at + len(noise) :])
    readable(XLSX[:end])


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))))
@example(b'"')
@example(b"a,b\r\n\x00")
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\x00\x00\x01")
@example(b"PK\x03\x04")
def test_any_bytes_are_a_table_or_a_clear_refusal(data: bytes) -> None:
    readable(data)
    readable(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data)
    readable(b"PK\x03\x04" + data)


cells = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"), max_size=8
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_as_csv_is_read_back(rows: list[list[str]], encoding: str) -> None:
    import csv

    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["客户名称", "电话", "备注"], *rows])
    sheet = spreadsheets.read_table(out.getvalue().encode(encoding), "x.csv", known=KNOWN)
    kept = [row for row in rows if any(v.strip() for v in row)]
    assert [list(row.cells) for row in sheet.rows] == kept


def test_the_delimiter_is_what_cuts_evenly() -> None:
    assert delimited.sniff("名称;备注\n甲;一,二\n乙;三") == ";"
    assert delimited.sniff('a,"b;c;d"\nc,"d;e;f"') == ","
    assert delimited.sniff("nothing here") == ","


def _compound(streams: dict[str, bytes]) -> bytes:
    """A minimal OLE compound file (512-byte sectors, every stream above the mini cutoff)."""
    sector, free, end, fat_mark = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    body, fat, starts = b"", [fat_mark, end], {}
    for name, content in streams.items():
        padded = content.ljust(-(-len(content) // sector) * sector, b"\x00")
        first, count = len(fat), len(padded) // sector
        starts[name] = (first, len(content))
        fat += [first + i + 1 for i in range(count - 1)] + [end]
        body += padded
    fat += [free] * (128 - len(fat))

    def entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
        raw = (name + "\x00").encode("utf-16-le")
        head = raw.ljust(64, b"\x00") + struct.pack("<HBBIII", len(raw) if name else 0, kind, 1, free, right, child)
        return head + b"\x00" * 36 + struct.pack("<IQ", start, size)

    names = list(streams)
    directory = entry("Root Entry", 5, 1, free, end, 0)
    for i, name in enumerate(names, start=1):
        directory += entry(name, 2, free, i + 1 if i < len(names) else free, *starts[name])
    directory = directory.ljust(sector, b"\x00")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<I", free) * 108
    return header.ljust(512, b"\xff") + struct.pack("<128I", *fat) + directory + body


def test_what_the_system_says_of_a_file_is_said_in_the_language_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        spreadsheets.read(tmp_path)
    assert lookup.error_text(caught.value).endswith("：这是文件夹，不是文件。")
    assert lookup.sentence("file.unreadable", {"file": "a.csv", "reason": "Own words"}).endswith("：Own words。")
