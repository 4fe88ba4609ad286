"""Tones of a design's states."""

from __future__ import annotations

TONES = {
    "draft": "neutral",
    "submitted": "amber",
    "approved": "good",
    "approved_with_notes": "good",
    "returned": "bad",
    "rejected": "bad",
    "superseded": "neutral",
}
