"""The ten people of the demo company, over all departments, and its letterhead."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor, Role
from presales_desktop.models.users import User
from presales_desktop.services import company, users
from presales_desktop.services.company import Letterhead
from presales_desktop.services.users import FOUNDER
from presales_desktop.services.work import Runner, Work

# login, name, department, roles, superior's login
PEOPLE: tuple[tuple[str, str, str, tuple[Role, ...], str | None], ...] = (
    ("fengrui", "冯锐", "management", (Role.MANAGEMENT, Role.MANAGER), None),
    ("zhaolei", "赵磊", "sales", (Role.SALES_HEAD, Role.SALES), "fengrui"),
    ("wangmin", "王敏", "sales", (Role.SALES,), "zhaolei"),
    ("liqiang", "李强", "sales", (Role.SALES,), "zhaolei"),
    ("chenjing", "陈静", "design", (Role.DESIGN,), "fengrui"),
    ("sunhao", "孙浩", "technical", (Role.TECHNICAL,), "fengrui"),
    ("zhoufang", "周芳", "finance", (Role.FINANCE,), "fengrui"),
    ("wuting", "吴婷", "credit", (Role.CREDIT, Role.SUPERVISION), "fengrui"),
    ("zhengkai", "郑凯", "legal", (Role.LEGAL, Role.ADMIN), "fengrui"),
    ("hemei", "何梅", "service", (Role.SERVICE, Role.MARKETING), "zhaolei"),
)

LETTERHEAD = Letterhead(
    name="中山市灯港照明科技有限公司",
    name_en="Zhongshan DenGang Lighting Technology Co., Ltd.",
    address="广东省中山市古镇镇同兴路 98 号灯港大厦 6 楼",
    phone="0760-2238 6600",
    email="sales@dengang.example",
    website="www.dengang.example",
    tax_no="91442000MA4UKDG886",
    bank="中国工商银行中山古镇支行",
    account="2011 0281 0902 4568 123",
    legal_representative="冯锐",
)


def fill(engine: Engine) -> dict[str, Actor]:
    """Make the people and the letterhead; the actor by login."""

    def people(work: Work) -> None:
        ids: dict[str, UUID] = {}
        for login, name, department, roles, superior in PEOPLE:
            user = work.add(
                User(
                    login=login,
                    name=name,
                    department=department,
                    roles=[r.value for r in roles],
                    superior_id=ids[superior] if superior else None,
                    phone="",
                    email=f"{login}@dengang.example",
                    active=True,
                )
            )
            ids[login] = user.id
            work.session.flush()
        company.save_letterhead(work, LETTERHEAD)
        company.make_document_key(work)

    runner = Runner(engine, FOUNDER)
    runner.run(people)
    runner.run(lambda work: users.set_acting(work, users.resolve(work, "wangmin")))
    return runner.run(lambda work: {p[0]: users.actor_of(work, users.resolve(work, p[0])) for p in PEOPLE})[0]
