"""Photos of a survey and of its spaces: they belong to what the report freezes, so they come and go only before it is made."""

from __future__ import annotations

from uuid import UUID

from presales_desktop.models.attachments import Attachment
from presales_desktop.models.errors import NotFound
from presales_desktop.models.surveys import Survey, SurveySpace, completeness
from presales_desktop.services import attachments, surveys
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.work import Work


def add(work: Work, survey_id: UUID, name: str, data: bytes, space_id: UUID | None = None) -> UUID:
    """Attach a photo to the survey or to one of its spaces. Raises InputError image.unreadable, UserError survey.frozen."""
    survey = surveys.open_for_change(work, survey_id)
    if space_id is None:
        made = attachments.add(work, "survey", survey_id, "photo", name, data)
    else:
        space = work.get(SurveySpace, space_id)
        if space.survey_id != survey_id:
            raise NotFound("record.not_found", kind="survey_space", id=str(space_id))
        made = attachments.add(work, "survey_space", space_id, "photo", name, data)
    work.session.flush()
    _count(work, survey)
    return made


def put_back(work: Work, survey_id: UUID, row: AttachmentRow) -> UUID:
    """Attach again a photo that was just taken off; its content is still known, wherever it is. Raises UserError survey.frozen."""
    survey = surveys.open_for_change(work, survey_id)
    if row.kind == "survey_space" and work.get(SurveySpace, row.record_id).survey_id != survey_id:
        raise NotFound("record.not_found", kind="survey_space", id=str(row.record_id))
    made = attachments.restore(work, row)
    work.session.flush()
    _count(work, survey)
    return made


def remove(work: Work, attachment_id: UUID) -> None:
    """Take a photo off. Raises UserError survey.frozen once it stands in a report."""
    row = work.get(Attachment, attachment_id)
    survey_id = row.subject_id
    if row.subject_kind == "survey_space":
        survey_id = work.get(SurveySpace, row.subject_id).survey_id
    survey = surveys.open_for_change(work, survey_id)
    attachments.remove(work, attachment_id)
    work.session.flush()
    _count(work, survey)


def _count(work: Work, survey: Survey) -> None:
    """Photos count in the completeness that lists show."""
    found = len(surveys.photos(work, survey.id))
    survey.completeness = completeness(surveys.load(work, survey.id), found).percent
