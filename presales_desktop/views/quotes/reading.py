"""What the quote page shows, read in one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from presales_desktop.models.permissions import may
from presales_desktop.models.quotes import QuotePolicy
from presales_desktop.services import catalogue_facts, design_reviews, quote_costs, quote_policy, quotes
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.design_reviews import DesignBasis
from presales_desktop.services.quote_costs import CostSheet
from presales_desktop.services.quote_drafts import QuoteDraft
from presales_desktop.services.quotes import QuoteShown
from presales_desktop.services.work import Work

Breaks = dict[UUID, VariantFacts]


def page(work: Work, quote_id: UUID) -> tuple[QuoteDraft, QuoteShown, CostSheet | None, QuotePolicy, Breaks]:
    """Everything the page shows of a stored revision, in one transaction."""
    sees = may(work.actor, "cost.view").allowed
    lines = quotes.lines_read(work, quote_id)
    draft = quotes.load(work, quote_id, lines)
    return (
        draft,
        quotes.show(work, quote_id, lines),
        quote_costs.sheet(work, quote_id) if sees else None,
        quote_policy.policy(work),
        _breaks(work, draft),
    )


def _breaks(work: Work, draft: QuoteDraft) -> Breaks:
    """Variants of DRAFT that have quantity breaks, for prices that follow while quantities are typed."""
    if draft.state != "draft":
        return {}
    ids = [line.variant_id for line in draft.lines if line.variant_id is not None]
    return catalogue_facts.facts(work, catalogue_facts.price_breaks(work, ids))


def fresh(work: Work, initial: dict[str, Any]) -> tuple[QuoteDraft, DesignBasis | None, Breaks]:
    """A new quote and where the design stands that it is made from."""
    draft = quotes.new_draft(work, initial)
    basis = design_reviews.basis(work, draft.design_id) if draft.design_id is not None else None
    return draft, basis, _breaks(work, draft)
