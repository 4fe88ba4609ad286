"""An e-mail with its attachment as an .eml file: the mail program opens it as a draft, the person reads it and sends it.

No password and no server is needed. What is attached is the very file whose hash was recorded with the sending.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}")


def addresses(recipient: str) -> tuple[str, ...]:
    """The e-mail addresses in what was typed as recipient ("王经理 <wang@example.com>; …"), each once, in order; none is guessed."""
    return tuple(dict.fromkeys(_ADDRESS.findall(recipient)))


def draft(recipient: str, subject: str, text: str, name: str, pdf: bytes) -> bytes:
    """The .eml: to the addresses in RECIPIENT, with SUBJECT on one line, TEXT and the attachment PDF under NAME.

    `X-Unsent: 1` makes mail programs open it for sending instead of reading.
    """
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    message["Subject"] = " ".join(subject.split())
    found = addresses(recipient)
    if found:
        message["To"] = ", ".join(found)
    message.set_content(text, charset="utf-8", cte="base64")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=" ".join(name.split()))
    return bytes(message)
