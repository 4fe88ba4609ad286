"""The contract's pages: made from a quote, checked while typing, reviewed by three departments, sent and signed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from presales_desktop.models.approvals import Choice
from presales_desktop.reports import contracts as reports
from presales_desktop.services import attachments, contract_steps, contracts
from presales_desktop.services.work import Work
from presales_desktop.views.contracts.editor import ContractEditor
from presales_desktop.views.contracts.list import contracts_page
from presales_desktop.views.contracts.returned import ReturnedView
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.context import ViewContext
from tests.helpers.accepted_quotes import PDF, accepted_quote, draft_quote

Run = Callable[..., Any]
Settle = Callable[[ViewContext], None]


@pytest.fixture
def choose() -> Iterator[dict[str, Path | None]]:
    """What file dialogs answer."""
    answer: dict[str, Path | None] = {"open": None, "save": None}
    dialogs.set_file_hook(lambda mode, title, name: answer[mode])
    yield answer
    dialogs.set_file_hook(None)


@pytest.fixture
def quote_id(run: Run) -> UUID:
    return accepted_quote(run)


def make(work: Work, quote_id: UUID) -> UUID:
    return contracts.save(work, contracts.new_draft(work, {"quote_id": quote_id}))


@pytest.fixture
def contract_id(run: Run, quote_id: UUID) -> UUID:
    return run("sales", make, quote_id)


class Opened:
    """A page and what a person does on it."""

    def __init__(self, page: ContractEditor, ctx: ViewContext, settle: Settle, qtbot: Any) -> None:
        self.page, self.ctx, self.settle_all, self.qtbot = page, ctx, settle, qtbot

    def settle(self) -> None:
        self.settle_all(self.ctx)
        self.page.check_now()

    def until(self, state: str) -> None:
        """Wait for the state that a step leads to: it may take several turns of database and worker."""
        self.qtbot.waitUntil(lambda: self.state == state, timeout=15000)
        self.settle()

    def find(self, kind: type[Any], name: str) -> Any:
        found = self.page.findChild(kind, name)
        assert found is not None, name
        return found

    def type(self, name: str, text: str) -> None:
        edit = self.find(QWidget, name)
        if isinstance(edit, QLineEdit | QPlainTextEdit):
            edit.selectAll()
        committed = QInputMethodEvent()
        committed.setCommitString(text)
        QApplication.sendEvent(edit, committed)

    def step(self, action: str) -> None:
        step = next(s for s in self.page.steps() if s.action == action)
        assert step.enabled, step.why
        self.page.run_step(step)
        self.settle()

    def press(self, name: str) -> None:
        self.find(QPushButton, name).click()
        self.settle()

    @property
    def state(self) -> str:
        return self.page.shown.state if self.page.shown is not None else ""

    @property
    def errors(self) -> list[Any]:
        nav: Any = self.ctx.nav
        return list(nav.errors)


@pytest.fixture
def opened(ctx: ViewContext, settle: Settle, qtbot: Any) -> Callable[..., Opened]:
    def make_page(
        record_id: UUID | None, initial: dict[str, Any] | None = None, who: ViewContext | None = None
    ) -> Opened:
        context = who or ctx
        page = ContractEditor(context, record_id, initial)
        page.resize(1166, 900)
        qtbot.addWidget(page)
        page.show()
        made = Opened(page, context, settle, qtbot)
        qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
        made.settle()
        return made

    return make_page


def missing(at: Opened) -> list[str]:
    return [c.part for c in at.page.parts_panel.checks if not c.present]


def test_a_contract_drafted_from_an_accepted_quote_is_complete_and_submitted(
    run: Run, opened: Callable[..., Opened], quote_id: UUID
) -> None:
    at = opened(None, {"quote_id": quote_id})
    assert at.page.heading().title == "云栖酒店大堂照明"
    assert at.find(QLabel, "contract.total").text() == "¥25,600.00"
    assert missing(at) == []
    at.step("submit")
    at.until("submitted")
    assert at.page.read_only()
    assert [s.action for s in at.page.steps()] == ["revise", "print", "word"], "the author decides nothing"
    said = "".join(label.text() for label in at.find(QWidget, "contract.reading").findChildren(QLabel))
    assert "人民币贰万伍仟陆佰元整" in said
    assert at.errors == []


def test_only_accepted_quotes_are_offered_and_choosing_one_fills_the_page(
    run: Run, opened: Callable[..., Opened], quote_id: UUID, settle: Settle
) -> None:
    run("sales", draft_quote)
    at = opened(None)
    assert len(missing(at)) == 8
    found: list[Any] = []

    async def ask() -> None:
        found.extend(await at.page._find_quotes(""))

    at.page.run(ask)
    at.settle()
    assert [c.value for c in found] == [quote_id]
    at.page._quote_chosen(quote_id)
    at.settle()
    assert missing(at) == []
    assert at.page.draft.value.buyer_name == "广州天河云栖酒店管理有限公司"
    at.page.draft.undo_stack.undo()
    assert at.page.draft.value.quote_id is None


def test_removing_a_clause_shows_what_is_missing_and_undo_brings_it_back(
    opened: Callable[..., Opened], contract_id: UUID
) -> None:
    at = opened(contract_id)
    place = next(i for i, c in enumerate(at.page.draft.value.clauses) if c.part == "disputes")
    at.page.clauses.choose(place)
    at.page.clauses.remove()
    at.page.check_now()
    assert missing(at) == ["disputes"]
    at.step("submit")
    assert "争议解决方法" in at.page.error_bar.text or any(
        "争议解决方法" in b.text() for b in at.page.error_bar.findChildren(QPushButton)
    )
    assert at.state == "draft"


def test_a_clause_is_inserted_from_the_library_and_shows_its_blanks_filled(
    opened: Callable[..., Opened], contract_id: UUID
) -> None:
    at = opened(contract_id)
    at.page.clauses.open_library()
    at.settle()
    at.find(QLineEdit, "contract.library.search").setText("封样")
    at.settle()
    rows = [w for w in at.page.findChildren(QWidget) if w.objectName().startswith("contract.library.")]
    visible = [w for w in rows if not w.isHidden() and hasattr(w, "_clicked")]
    assert [w.objectName() for w in visible] == ["contract.library.sealed_sample"]
    next(w for w in visible if w.objectName() == "contract.library.sealed_sample")._clicked()
    at.settle()
    assert at.page.draft.value.clauses[1].key == "sealed_sample"
    at.type("contract_clause.body", "保证金【金额】元，合同总价【合计金额】。")
    at.page.check_now()
    assert "合同总价¥25,600.00" in at.find(QLabel, "contract.clause.print").text()
    assert "【金额】" in at.find(QLabel, "contract.clause.print").text()
    at.step("submit")
    assert any("还有没填的空：【金额】" in b.text() for b in at.page.error_bar.findChildren(QPushButton))
    assert at.page.clauses.current == 1, "the page leads to the clause with the blank"


def test_a_deposit_over_a_fifth_is_refused_at_its_field_and_its_clause_is_one_click_away(
    opened: Callable[..., Opened], contract_id: UUID
) -> None:
    at = opened(contract_id)
    edit = at.find(QLineEdit, "contract.deposit_fen")
    edit.setFocus()
    at.type("contract.deposit_fen", "6000")
    edit.commit()
    at.page.check_now()
    assert at.find(QLabel, "contract.money.note").property("role") == "bad"
    at.page.save_now()
    at.settle()
    assert "超过合同总价的 20%" in at.find(QLabel, "contract.deposit_fen.problem").text()
    at.type("contract.deposit_fen", "5000")
    edit.commit()
    at.page.check_now()
    at.press("contract.deposit.clause")
    assert "deposit" in [c.key for c in at.page.draft.value.clauses]
    at.step("submit")
    at.until("submitted")


def test_reviewers_decide_from_the_page_on_what_they_see(
    run: Run, opened: Callable[..., Opened], contract_id: UUID, make_ctx: Callable[[str], ViewContext]
) -> None:
    run("sales", contract_steps.submit, contract_id)
    run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    legal = opened(contract_id, None, make_ctx("legal"))
    assert [s.action for s in legal.page.steps() if s.primary] == ["approve"]
    legal.step("return")
    legal.type("contract.refuse.text", "争议解决改为仲裁")
    legal.press("contract.refuse.confirm")
    legal.until("returned")
    author = opened(contract_id)
    assert "争议解决改为仲裁" in "".join(label.text() for label in author.page.revisions.findChildren(QLabel))
    author.step("revise")
    nav: Any = author.ctx.nav
    kind, second = nav.opened[-1]
    assert kind == "contract"
    assert run("sales", contracts.show, second).revision == 2


def test_approved_is_sent_with_its_pdf_and_signed_with_the_scan(
    run: Run, opened: Callable[..., Opened], contract_id: UUID, choose: dict[str, Path | None], tmp_path: Path
) -> None:
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    at = opened(contract_id)
    at.step("send")
    at.press("contract.send.sheet.confirm")
    at.until("out_for_signature")
    sent = run("sales", contracts.show, contract_id).files
    assert [(f.role, f.name) for f in sent] == [("sent", "HT20261123-001-R1.pdf")]
    choose["open"] = tmp_path / "合同.pdf"
    choose["open"].write_bytes(PDF)
    at.step("sign")
    at.type("contract.sign.by", "陈总")
    at.press("contract.sign.file")
    at.press("contract.sign.sheet.confirm")
    at.until("signed")
    assert at.page.shown is not None
    assert at.page.shown.signed_by == "陈总"
    assert [f.role for f in at.page.shown.files] == ["sent", "scan"]
    assert [s.action for s in at.page.steps()] == ["returned", "print", "word"], (
        "read, printed and compared, never changed"
    )
    choose["save"] = tmp_path / "out.pdf"
    at.step("print")
    at.settle()
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")
    assert at.errors == []


def test_the_list_leads_reviewers_to_what_waits_for_them(
    run: Run, contract_id: UUID, make_ctx: Callable[[str], ViewContext], settle: Settle, qtbot: Any
) -> None:
    run("sales", contract_steps.submit, contract_id)
    ctx = make_ctx("legal")
    page = contracts_page(ctx)
    page.resize(1166, 700)
    qtbot.addWidget(page)
    page.show()
    settle(ctx)
    assert page.spec.views[0].title == "待我审核"
    assert page.model.total == 1
    preview = page.spec.preview(ctx, page.model.cached(0))
    qtbot.addWidget(preview)
    settle(ctx)
    assert "法务审核" in "".join(label.text() for label in preview.findChildren(QLabel))
    nav: Any = ctx.nav
    assert nav.errors == []


def test_the_next_revision_shows_what_changed(run: Run, contract_id: UUID, opened: Callable[..., Opened]) -> None:
    first = opened(contract_id)
    assert first.page.changes.texts == []
    assert not first.page.changes.isVisible()
    run("sales", contract_steps.submit, contract_id)
    run("legal", contract_steps.decide, contract_id, Choice.RETURN, comment="质保年限")
    second = run("sales", contract_steps.revise, contract_id)
    draft = run("sales", contracts.load, second)
    draft.copies = 6
    heading = draft.clauses[2].heading
    draft.clauses[2].body += "另加一句。"
    gone = draft.clauses.pop()
    run("sales", contracts.save, draft)
    page = opened(second).page
    texts = page.changes.texts
    assert page.changes.isVisible()
    assert any("份数" in t and "[-4]" in t and "[+6]" in t for t in texts)
    assert any(heading in t and "[+另加一句。]" in t for t in texts)
    assert any("删去" in t and gone.heading in t for t in texts)
    assert len(texts) == 3


def test_legal_writes_the_next_edition_of_a_clause_in_the_window(qtbot: Any, make_ctx: Any) -> None:
    from presales_desktop.views.contracts import CLAUSES
    from presales_desktop.views.contracts.library import ClauseEditor, LibraryPage

    ctx = make_ctx("legal")
    page = CLAUSES.list_page(ctx)
    assert isinstance(page, LibraryPage)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    qtbot.waitUntil(lambda: page.model.ready, timeout=10_000)
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "clauses.cover.breach") is not None, timeout=10_000)
    page.findChild(QPushButton, "clauses.cover.breach").click()
    qtbot.waitUntil(lambda: page.model.ready and 0 < page.model.total < 8, timeout=10_000)
    one = page.model.cached(0)
    assert one.part == "breach"
    editor = CLAUSES.editor(ctx, one.id, {})
    assert isinstance(editor, ClauseEditor)
    qtbot.addWidget(editor)
    editor.resize(1100, 700)
    editor.show()
    qtbot.waitUntil(lambda: hasattr(editor, "uses") and not editor.building, timeout=10_000)
    editor.draft.set("body", editor.draft.get("body") + " 加一句。")
    editor.save_now()
    qtbot.waitUntil(lambda: editor.whole is not None and editor.whole.edition == 2, timeout=10_000)
    assert [e.edition for e in editor.whole.editions] == [2, 1]  # type: ignore[union-attr]
    reader = CLAUSES.editor(make_ctx("sales"), one.id, {})
    qtbot.addWidget(reader)
    reader.show()
    qtbot.waitUntil(lambda: hasattr(reader, "uses"), timeout=10_000)
    assert reader.read_only()
    assert reader.steps() == []


def test_a_returned_file_is_compared_in_a_sheet_walked_with_the_arrows_and_filed(
    run: Run,
    opened: Callable[..., Opened],
    contract_id: UUID,
    choose: dict[str, Path | None],
    tmp_path: Path,
) -> None:
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    run("sales", contract_steps.send, contract_id, "email", "王经理", PDF)
    document = Document(io.BytesIO(reports.render_docx(run("sales", contract_steps.document, contract_id))))
    for paragraph in document.paragraphs:
        for part in paragraph.runs:
            part.text = part.text.replace("人民币贰万伍仟陆佰元整", "人民币贰万元整")
    back = tmp_path / "客户修改稿.docx"
    document.save(str(back))
    at = opened(contract_id)
    choose["open"] = tmp_path / "missing.docx"
    at.step("returned")
    at.qtbot.waitUntil(lambda: bool(at.page.error_bar.text) or bool(at.errors), timeout=15000)
    choose["open"] = back
    at.step("returned")
    at.qtbot.waitUntil(lambda: at.page.findChild(QWidget, "contract.returned") is not None, timeout=15000)
    view = at.find(ReturnedView, "contract.returned")
    said = [place.accessibleName() for place in view.places]
    assert "大写金额写的是“人民币贰万元整”，发出的是“人民币贰万伍仟陆佰元整”。" in said
    assert len(view.places) == len(set(said)) >= 2
    assert at.page.window().focusWidget() is view.places[0], "the keyboard stands on the first place"
    at.qtbot.keyClick(view.places[0], Qt.Key.Key_Down)
    assert at.page.window().focusWidget() is view.places[1]
    at.qtbot.keyClick(view.places[1], Qt.Key.Key_Up)
    assert at.page.window().focusWidget() is view.places[0]
    at.press("contract.returned.sheet.confirm")
    at.qtbot.waitUntil(
        lambda: "客户修改稿.docx" in [f.name for f in run("sales", attachments.list_of, "contract", contract_id)],
        timeout=15000,
    )
    at.settle()


def test_a_plan_is_proposed_watched_signed_and_worked_off(
    run: Run, opened: Callable[..., Opened], contract_id: UUID, choose: dict[str, Path | None], tmp_path: Path
) -> None:
    at = opened(contract_id)
    at.press("contract.steps.propose")
    at.qtbot.waitUntil(lambda: len(at.page.draft.value.steps) >= 3, timeout=15_000)
    at.page.check_now()
    note = at.find(QLabel, "contract.steps.note")
    assert "一致" in note.text()
    place = next(i for i, step in enumerate(at.page.draft.value.steps) if step.kind == "payment")
    at.page.draft.set(f"steps.{place}.amount_fen", 100)
    at.page.check_now()
    assert "还差" in note.text()
    at.page.draft.undo_stack.undo()
    at.step("submit")
    at.until("submitted")
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    run("sales", contract_steps.send, contract_id, "print", "林晓", PDF)
    run("sales", contract_steps.sign, contract_id, on=run("sales", lambda work: work.today), by="林晓")
    at = opened(contract_id)
    choose["save"] = tmp_path / "plan.ics"
    at.step("calendar")
    at.qtbot.waitUntil((tmp_path / "plan.ics").exists, timeout=15_000)
    assert (tmp_path / "plan.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    at.step("settle")
    at.qtbot.waitUntil(lambda: at.page.findChild(QWidget, "contract.settle.on") is not None, timeout=15_000)
    at.press("contract.settle.sheet.confirm")
    at.qtbot.waitUntil(lambda: at.page.draft.value.steps[0].done_on is not None, timeout=15_000)
    assert at.errors == []


def test_a_contract_that_goes_by_email_leads_to_a_draft_with_the_recorded_file(
    run: Run, opened: Callable[..., Opened], contract_id: UUID, choose: dict[str, Path | None], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    at = opened(contract_id)
    offered: list[Any] = []
    started: list[str] = []
    monkeypatch.setattr(at.ctx.nav, "toast", lambda text, *, tone="", action=None: offered.append(action))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not started.append(url.toLocalFile()))
    at.step("send")
    at.qtbot.waitUntil(lambda: at.page.findChild(QWidget, "contract.send.sheet") is not None, timeout=15_000)
    via = at.find(QComboBox, "contract.send.via")
    via.setCurrentIndex(via.findData("email"))
    at.type("contract.send.to", "林晓峰 <lin@example.com>")
    at.press("contract.send.sheet.confirm")
    at.until("out_for_signature")
    at.qtbot.waitUntil(lambda: bool(offered) and offered[-1] is not None, timeout=15_000)
    choose["save"] = tmp_path / "HT.eml"
    offered[-1][1]()
    at.qtbot.waitUntil(lambda: bool(started), timeout=15_000)
    mail = message_from_bytes((tmp_path / "HT.eml").read_bytes(), policy=default)
    (attached,) = list(mail.iter_attachments())
    stored = run("sales", attachments.list_of, "contract", contract_id, "sent")[0]
    assert attached.get_content() == run("sales", attachments.content, stored.id)
    assert mail["To"] == "lin@example.com"
    assert "林晓峰，您好" in mail.get_body().get_content()
