"""The features in the order of the rail. A new editor adds two lines here: its import and its place."""

from __future__ import annotations

from presales_desktop.views.kit.feature import Feature

# One import and one entry per feature, as soon as its package exists:
# from presales_desktop.views.customers import FEATURE as CUSTOMERS

FEATURES: tuple[Feature, ...] = ()
