"""A customer and a case to hang surveys and contracts on, made straight as records."""

from __future__ import annotations

from uuid import UUID

from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Contact, Customer
from presales_desktop.services.work import Work


def customer_and_case(
    work: Work, name: str = "广州天河云栖酒店管理有限公司", title: str = "云栖酒店大堂改造"
) -> tuple[UUID, UUID]:
    """(customer's id, case's id), owned by the actor."""
    customer = work.add(
        Customer(
            number=work.next_number("KH"), kind="company", name=name, uscc="91440101MA5CXXXX3K", phone="020-38880000",
            region="广东省广州市", owner_id=work.actor.id, name_key=name, phone_key="",
        )
    )  # fmt: skip
    work.session.flush()
    work.add(
        Contact(customer_id=customer.id, name="林晓", title="工程部经理", phone="13800138000", primary=True, sort=0)
    )
    case = work.add(
        Case(number=work.next_number("XM"), title=title, customer_id=customer.id, owner_id=work.actor.id, status="open")
    )
    work.session.flush()
    return customer.id, case.id
