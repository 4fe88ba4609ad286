"""What the client does next and what the corner of the window says: pure, from facts that lie in its tables. No event can get lost,
since none is waited for: as long as there is something to do and somebody to talk to, the answer is to do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["local", "offline", "waiting", "syncing", "up_to_date", "needs_you"]
Step = Literal["idle", "push", "pull"]
Trouble = Literal["", "offline", "login", "server"]

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 120.0
POLL_S = 45.0
# A server's no to a whole request does not go away by asking at once.
SERVER_WAIT_S = 300.0


@dataclass(frozen=True)
class Facts:
    """What is known. Times in seconds of one monotonic clock; `due`: before it nothing is tried."""

    now: float
    connected: bool = False
    known: bool = False  # an epoch was pulled once
    waiting: int = 0
    inbox: int = 0
    asks: bool = False
    trouble: Trouble = ""
    due: float = 0.0
    pulled_at: float = -1e9
    news: bool = False
    pushed: bool = False  # since the last complete pull: own commits want to be covered
    chained: bool = False  # the last answer said more
    running: bool = False


def next_step(facts: Facts) -> Step:
    """What to do now."""
    if not facts.connected or facts.trouble == "login" or facts.now < facts.due:
        return "idle"
    if not facts.known or facts.chained:
        return "idle" if facts.asks else "pull"
    if facts.waiting:
        return "push"
    if facts.asks:
        return "idle"
    if facts.news or facts.pushed or facts.now - facts.pulled_at >= POLL_S:
        return "pull"
    return "idle"


def wake_in(facts: Facts) -> float:
    """Seconds until `next_step` may answer otherwise without any news."""
    if not facts.connected or facts.trouble == "login":
        return POLL_S
    if facts.now < facts.due:
        return facts.due - facts.now
    if next_step(facts) != "idle":
        return 0.0
    return min(POLL_S, max(0.0, facts.pulled_at + POLL_S - facts.now)) or POLL_S


def state(facts: Facts) -> State:
    """What a person is told."""
    if not facts.connected:
        return "local"
    if facts.trouble in ("login", "server") or facts.inbox or facts.asks:
        return "needs_you"
    if facts.trouble == "offline":
        return "offline"
    if facts.running:
        return "syncing"
    if facts.waiting or not facts.known or facts.pushed:
        return "waiting"
    return "up_to_date"


def backoff(failures: int, chance: float) -> float:
    """Seconds to wait after the FAILURES-th failure in a row (1, 2, …); CHANCE in [0, 1) spreads laptops that fell together."""
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - 1, 10))
    return longest * (0.5 + chance / 2)
