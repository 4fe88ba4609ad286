"""The parts that every feature is made of: database thread, jobs, bus, theme, list page, editor page, tables, pickers, charts."""

from presales_desktop.views.kit import layout_items, plain_import

plain_import.restore()
layout_items.install()
