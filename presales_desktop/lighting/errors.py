"""What can be wrong with a photometric file or a scene: codes and values, never sentences."""

from __future__ import annotations

from dataclasses import dataclass, field


class LightingError(Exception):
    """Something that was given cannot be used.

    ``code`` names the rule ("photometry.truncated"), ``file``, ``line`` (1-based) and ``field``
    ("luminaires[2].photometry") name the place, ``values`` what was ``expected`` and ``found``, and ``at`` the field again for the sentence.
    The sentence for people is made from the code in ``presales_desktop.texts.lighting``.
    """

    def __init__(
        self,
        code: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.file = file
        self.line = line
        self.field = field
        self.values: dict[str, object] = values
        if field is not None:
            self.values["at"] = field

    def within(self, file: str, prefix: str) -> LightingError:
        """The same error as part of a larger input: "polygon_m" becomes "rooms[0].polygon_m" in ``file``."""
        self.file = self.file or file
        self.field = f"{prefix}.{self.field}" if self.field else prefix
        self.values["at"] = self.field
        return self

    def placeholders(self) -> dict[str, object]:
        """Everything that a text's template may name: the values, file, line and field."""
        return {**self.values, "file": self.file or "", "line": self.line or "", "field": self.field or ""}

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.field) if part is not None)
        values = " ".join(f"{key}={value!r}" for key, value in self.values.items())
        return " ".join(part for part in (self.code, place, values) if part)


@dataclass(frozen=True, slots=True)
class PhotometryWarning:
    """A doubt about a file that could still be read; nothing was repaired without saying so here."""

    code: str
    line: int | None = None
    values: dict[str, object] = field(default_factory=dict)

    def placeholders(self) -> dict[str, object]:
        """Everything that a text's template may name."""
        return {**self.values, "line": self.line or ""}
