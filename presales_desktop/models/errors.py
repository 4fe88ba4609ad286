"""Every error the program raises on purpose.

    PresalesError(code, **values)
      UserError              a rule or the input said no (exit code 1)
        ValidationError      one or more fields; carries `problems`
        PermissionDenied     the actor may not
        InvalidTransition    the state does not allow the step
        ConflictError        somebody saved in between
        NotFound             no such record
      InputError             unreadable or malformed input (exit code 2); carries file, line, field
      EnvironmentProblem     key, disk, lock, newer schema (exit code 3)

Errors carry a code ("quote.not_approved") and values; the sentence is made in texts/ from the code.
All else is a bug and is shown as one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass


class PresalesError(Exception):
    """Root: a code, and the values its sentence needs."""

    exit_code = 1

    def __init__(
        self, code: str, *, field: str | None = None, file: str | None = None, line: int | None = None, **values: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.file = file
        self.line = line
        self.values = values

    def __str__(self) -> str:
        detail = ", ".join(f"{k}={v}" for k, v in self.values.items())
        return f"{self.code}({detail})" if detail else self.code


class UserError(PresalesError):
    """A rule says no."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: shown beside it and in the list at the top of the page.

    `field` is the dotted name in the draft ("lines.3.quantity"), None for the whole. `blocking` False marks a hint.
    """

    code: str
    field: str | None = None
    values: dict[str, object] = dataclasses.field(default_factory=dict)
    blocking: bool = True


class ValidationError(UserError):
    """One or more fields are not acceptable; `problems` names each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.code, field=first.field)
        self.values = dict(first.values)
        self.problems = tuple(problems)


class PermissionDenied(UserError):
    """The actor's role, department or relation to the record does not allow it."""


class InvalidTransition(UserError):
    """The record's state does not allow the step."""


class ConflictError(UserError):
    """The record changed since the draft was loaded."""


class NotFound(UserError):
    """No record of that kind under that id or number, or none that the actor may see."""


class InputError(PresalesError):
    """A file or a command line cannot be read; says where."""

    exit_code = 2


class EnvironmentProblem(PresalesError):
    """Key, disk, lock, schema or network: not the user's data, not a bug."""

    exit_code = 3
