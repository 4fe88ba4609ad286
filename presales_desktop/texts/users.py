"""Words of users."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts
from presales_desktop.texts.common import ROLES

KINDS: dict[str, KindTexts] = {
    "user": KindTexts(
        title="用户",
        labels={
            "login": "登录名",
            "name": "姓名",
            "department": "部门",
            "roles": "岗位",
            "superior_id": "上级",
            "phone": "电话",
            "email": "邮箱",
            "active": "在职",
        },
        choices={"department": ROLES, "roles": ROLES},
    )
}

ERRORS: dict[str, str] = {
    "user.login_taken": "登录名“{login}”已有人使用，请换一个。",
    "user.superior_circle": "上级不能是本人或自己的下属。",
}
