"""Figures: every module has run() -> [{"name", "value", "unit", "n"}]; `make bench` prints them all as one JSON list."""
