"""The features in the order of the rail: customers, cases, surveys, catalogue, designs, quotes, contracts.

A feature's package offers `FEATURE` (a kit.feature.Feature) in its __init__, which is light: name, icon, rights, and factories that import
the pages when they are asked for. A new area adds its name in two places here: the import and the tuple.
"""

from __future__ import annotations

from presales_desktop.views import cases, catalogue, contracts, credit, customers, designs, prices, quotes, surveys
from presales_desktop.views.kit.feature import Feature

FEATURES: tuple[Feature, ...] = (
    *(area.FEATURE for area in (customers, cases, surveys, catalogue, designs, quotes, contracts)),
    quotes.DESK,
    contracts.CLAUSES,
    credit.FEATURE,
    credit.EXCEPTIONS,
    credit.SCHEMES,
    prices.CHANGES,
    prices.EVENTS,
    prices.NOTICES,
)
