"""The features in the order of the rail: customers, cases, surveys, catalogue, designs, quotes, contracts.

A feature's package offers `FEATURE` (a kit.feature.Feature) in its __init__. A new editor adds two lines here: its import and
its place in the tuple.
"""

from __future__ import annotations

from presales_desktop.views.kit.feature import Feature

FEATURES: tuple[Feature, ...] = ()
