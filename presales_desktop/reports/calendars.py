"""A contract's plan as an iCalendar file (RFC 5545), which any calendar takes in: days, not hours, with a reminder the day before."""

from __future__ import annotations

import datetime as dt
from typing import Final

from icalendar import Alarm, Calendar, Event

from presales_desktop.models.values import fen_to_yuan
from presales_desktop.services.contract_plans import ContractCalendar, PlannedDay
from presales_desktop.texts import Language, tr_in
from presales_desktop.texts.contracts import STEP_KINDS

REMIND: Final = dt.timedelta(days=-1)


def render(plan: ContractCalendar, lang: Language = "zh") -> bytes:
    """The file. Each step keeps its identity, so that a file of a later day moves entries instead of doubling them; what has no day yet
    and what came already is left out."""
    made = Calendar()
    made.add("prodid", "-//Presales Desktop//contract plan//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", f"{plan.label} {plan.title}")
    for step in plan.days:
        if step.due_on is not None and step.done_on is None:
            made.add_component(_event(plan, step, step.due_on, lang))
    return bytes(made.to_ical())


def _event(plan: ContractCalendar, step: PlannedDay, day: dt.date, lang: Language) -> Event:
    kind = tr_in(lang, STEP_KINDS[step.kind])
    said = step.title if kind in step.title else f"{kind} · {step.title}"
    if step.amount_fen:
        said += f" ¥{fen_to_yuan(step.amount_fen):,.2f}"
    event = Event()
    event.add("uid", f"{step.id}@presales")
    event.add("summary", f"{said} · {plan.customer}")
    event.add("dtstart", day)
    event.add("dtend", day + dt.timedelta(days=1))
    # A file that is made twice from the same plan is the same file.
    event.add("dtstamp", dt.datetime.combine(day, dt.time(), dt.UTC))
    lines = [f"{plan.label} {plan.title}", *([step.note] if step.note else [])]
    if not plan.signed:
        lines.append(tr_in(lang, "合同尚未签订，日期按约定的签订日推算。"))
    event.add("description", "\n".join(lines))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", said)
    alarm.add("trigger", REMIND)
    event.add_component(alarm)
    return event
