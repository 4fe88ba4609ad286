"""Commands of the palette, and how what somebody types finds them: substring, pinyin initials, English word initials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from presales_desktop.services import search


@dataclass(frozen=True)
class Command:
    """One thing that can be done: `group` is the heading it stands under, `words` more words that find it."""

    key: str
    title: str
    icon: str
    run: Callable[[], object]
    group: str
    shortcut: str = ""
    words: str = ""


def fold(text: str) -> str:
    """Lower case, letters and digits only: what is compared."""
    return "".join(c for c in text.lower() if c.isalnum())


def _word_initials(text: str) -> str:
    return "".join(word[0] for word in text.lower().split() if word)


def initials_of(titles: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By title: its pinyin initials and the initials of its English words. Slow the first time (reads the pinyin tables):
    run it on a worker."""
    return {title: (fold(search.initials(title)), _word_initials(title)) for title in titles}


VAGUE = 3  # from this rank on a command is found by letters from its middle or by its further words


def rank(command: Command, typed: str, initials: dict[str, tuple[str, ...]]) -> int | None:
    """How well TYPED (folded) finds COMMAND: 0 best; None not at all."""
    title = fold(command.title)
    if title.startswith(typed):
        return 0
    found = initials.get(command.title, ())
    if any(short.startswith(typed) for short in found if short):
        return 1
    if typed in title:
        return 2
    if any(typed in short for short in found):
        return 3
    return 4 if typed in fold(command.words) else None


def matching(
    commands: Sequence[Command], typed: str, initials: dict[str, tuple[str, ...]], limit: int = 12
) -> list[Command]:
    """Commands that TYPED finds, the best first; all, in their order, for nothing typed."""
    wanted = fold(typed)
    if not wanted:
        return list(commands)
    ranked = [(r, i) for i, command in enumerate(commands) if (r := rank(command, wanted, initials)) is not None]
    return [commands[i] for _, i in sorted(ranked)[:limit]]
