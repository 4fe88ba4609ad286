"""Two people on one plan: what a colleague places comes in, what is selected and undone here stays mine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from presales_desktop.services.design_drafts import DesignDraft, LuminaireDraft
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.kit.draft import Draft, copy_value


def test_a_colleagues_luminaires_come_in_around_mine(qapp: Any) -> None:
    one, two, three = UUID(int=1), UUID(int=2), UUID(int=3)
    draft = Draft(
        DesignDraft(luminaires=[LuminaireDraft(id=one, x_m=1.0, y_m=1.0, sort=0), LuminaireDraft(id=two, x_m=2.0, y_m=1.0, sort=1)])
    )  # fmt: skip
    document = PlanDocument(draft)
    base = copy_value(draft.value)
    document.select([one])
    document.apply("移动", {one: replace(document.stored(one), x_m=5.0)})
    theirs = copy_value(base)
    theirs.base_version += 1
    theirs.luminaires[0].rotation_deg = 90.0
    theirs.luminaires[1].y_m = 7.0
    theirs.luminaires.append(LuminaireDraft(id=three, x_m=3.0, y_m=3.0, sort=2))
    heard: list[int] = []
    document.replaced.connect(lambda: heard.append(1))
    merged = draft.absorb(base, theirs)
    assert merged.clashes == []
    assert heard == [1]
    assert document.selection == (one,)
    assert (document.stored(one).x_m, document.stored(one).rotation_deg) == (5.0, 90.0)
    assert document.stored(two).y_m == 7.0
    assert document.stored(three) is not None
    document.undo_stack.undo()
    assert (document.stored(one).x_m, document.stored(one).rotation_deg) == (1.0, 90.0)
