"""The e-mail draft: read back by the standard library it holds addresses, subject, words and the very file."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from presales_desktop.reports.mail import addresses, draft

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def read(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)


def test_the_draft_carries_words_and_file_unchanged() -> None:
    data = draft(
        "王经理 <wang@example.com>", "报价单 BJ20261123-001-R1", "王经理，您好！\n附件请查收。", "报价单 R1.pdf", PDF
    )
    mail = read(data)
    assert (mail["To"], mail["Subject"], mail["X-Unsent"]) == ("wang@example.com", "报价单 BJ20261123-001-R1", "1")
    body = mail.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == "王经理，您好！\n附件请查收。"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "报价单 R1.pdf",
        "application/pdf",
        PDF,
    )


@pytest.mark.parametrize("evil", ["x\r\nBcc: spy@example.com", "x\nTo: spy@example.com", "x\r\n\r\nbody"])
def test_no_line_of_a_title_becomes_a_header(evil: str) -> None:
    mail = read(draft("a@example.com", evil, "t", evil + ".pdf", PDF))
    assert mail["Bcc"] is None
    assert mail.get_all("To") == ["a@example.com"]
    assert [f.get_content() for f in mail.iter_attachments()] == [PDF]


def test_only_real_addresses_are_taken() -> None:
    assert addresses("王经理 13800000000") == ()
    assert addresses("a@b.cn；王 <c.d@e.com>, a@b.cn") == ("a@b.cn", "c.d@e.com")
    assert read(draft("王经理", "s", "t", "a.pdf", PDF))["To"] is None
