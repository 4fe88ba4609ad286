"""What a person sees and what he had seen: views over own changes, frozen bases, own commits that are named, epochs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync import merge, overlay
from sync.merge import ALL, RowState, set_change, text_change
from sync.overlay import MAX_OWN, Epoch, Own, Truth
from sync.wire import Change
from tests.sync.shop import REGISTRY

PLAN, ITEM = REGISTRY["plan"], REGISTRY["item"]
ROW = b"r" * 16
TRUTH = Truth(5, {"name": "theirs", "number": "7", "notes": "a\nb\n", "tags": ["x", "y"]})


def change(
    op: str = "set", bases: dict[str, int] | None = None, own: list[bytes] | None = None, **fields: Any
) -> Change:
    return Change("plan", ROW, op, fields, bases or {}, own or [])  # type: ignore[arg-type]


def held(n: int, one: Change, epoch: int = 1) -> Own:
    return Own(n, n.to_bytes(16, "big"), epoch, one)


def test_own_fields_lie_over_the_truth_and_the_newest_is_on_top() -> None:
    seen = overlay.view(PLAN, TRUTH, [change(name="mine"), change(name="again", number="8")])
    assert seen == {**TRUTH.fields, "name": "again", "number": "8"}
    assert TRUTH.fields["name"] == "theirs", "the truth is left as it is"


def test_lists_and_texts_are_joined_with_what_came_meanwhile() -> None:
    mine = change(notes=text_change("a\n", "a\nmine\n"), tags=set_change(["x"], ["z"]))
    seen = overlay.view(PLAN, Truth(6, {"notes": "new\na\n", "tags": ["x", "y"]}), [mine])
    assert seen == {"notes": "new\na\nmine\n", "tags": ["y", "z"]}


def test_an_own_delete_hides_the_row_and_a_create_brings_a_new_one() -> None:
    assert overlay.view(PLAN, TRUTH, [change("delete")]) is None
    assert overlay.view(PLAN, Truth(0, {}, True), [change("create", name="n")]) == {"name": "n"}
    assert overlay.view(PLAN, TRUTH, [change("delete"), change("create", name="n")]) == {"name": "n"}


def test_a_set_on_a_row_that_is_gone_does_not_bring_it_back() -> None:
    assert overlay.view(PLAN, Truth(9, {}, True), [change(name="mine")]) is None
    assert overlay.view(PLAN, TRUTH, [change("delete"), change(name="mine")]) is None


def test_a_group_travels_whole_in_the_tables_order() -> None:
    assert overlay.with_groups(ITEM, ["y"]) == ("x", "y", "z")
    assert overlay.with_groups(ITEM, ["z", "label"]) == ("label", "x", "y", "z")


def test_the_base_of_a_field_is_frozen_at_the_first_own_write_that_masks_it() -> None:
    own = [
        held(1, change(bases={"name": 3}, name="one")),
        held(2, change(bases={"name": 4, "number": 4}, name="two", number="8")),
    ]
    assert overlay.bases(["name", "number", "notes"], 9, own, Epoch(1, 0)) == {"name": 3, "number": 4, "notes": 9}


def test_own_rows_that_the_server_never_had_have_no_base() -> None:
    own = [held(1, change("create", name="n"))]
    assert overlay.bases(["name", "notes"], 0, own, Epoch(1, 0)) == {"name": 0, "notes": 0}


def test_a_delete_has_seen_everything_but_what_own_changes_mask() -> None:
    own = [held(1, change(bases={"name": 3}, name="one")), held(2, change(bases={"number": 9}, number="8"))]
    assert overlay.delete_bases(9, own, Epoch(1, 0)) == {ALL: 9, "name": 3}
    assert overlay.delete_bases(9, [], Epoch(1, 0)) == {ALL: 9}


def test_a_base_of_a_lost_epoch_says_nothing() -> None:
    own = [held(1, change(bases={"name": 30}, name="one"), epoch=1)]
    for number, start in ((2, 20), (2, 40), (3, 40)):
        assert overlay.bases(["name"], 5, own, Epoch(number, start)) == {"name": 0}, (
            "where they parted only the server knows"
        )
    assert overlay.bases(["name"], 5, own, Epoch(1, 0)) == {"name": 30}


def test_a_long_chain_names_its_newest_and_each_fields_last_writer() -> None:
    own = [held(1, change(number="8"))] + [held(n, change(name=str(n))) for n in range(2, MAX_OWN + 40)]
    names = overlay.own_commits(None, own)
    assert len(names) == MAX_OWN + 1
    assert names[0] == own[0].commit
    assert names[1:] == [one.commit for one in own[-MAX_OWN:]]
    assert overlay.own_commits(["name"], own) == [one.commit for one in own[-MAX_OWN:]]
    assert overlay.own_commits(None, own[:MAX_OWN]) == [one.commit for one in own[:MAX_OWN]]


FIELD = st.sampled_from(["name", "number"])
STEP = st.tuples(st.sampled_from(["mine", "theirs", "pull"]), FIELD)


@given(st.lists(STEP, max_size=14))
def test_whoever_overwrites_had_it_on_screen_or_it_is_a_conflict(steps: list[tuple[str, str]]) -> None:
    """Own writes over a truth that moves on when it is pulled: pushed in the end, none takes away what was not in view."""
    server = RowState({"name": "start", "number": "0"}, {ALL: (1, b"0" * 16)}, 1)
    truth = Truth(1, dict(server.fields))
    own: list[Own] = []
    on_screen: list[set[Any]] = []
    for n, (what, name) in enumerate(steps, 2):
        if what == "theirs":
            stamp = (server.seq + 1, b"t" * 16)
            server = RowState({**server.fields, name: f"t{n}"}, {**server.fv, name: stamp}, server.seq + 1)
        elif what == "pull":
            truth = Truth(server.seq, dict(server.fields))
        else:
            seen = overlay.view(PLAN, truth, [one.change for one in own])
            assert seen is not None
            bases = overlay.bases([name], truth.seq, own, Epoch(1, 0))
            own.append(held(n, change(bases=bases, own=overlay.own_commits([name], own), **{name: f"m{n}"})))
            on_screen.append({seen[name]})
    for one, seen_then in zip(own, on_screen, strict=True):
        (name,) = one.change.fields
        before = server.fields[name]
        merged = merge.merge(PLAN, server, one.change, server.seq + 1, one.commit)
        assert merged.after is not None
        assert merged.conflicts or before in seen_then, "what nobody saw was written over"
        assert merged.after.fields[name] == (before if merged.conflicts else one.change.fields[name])
        server = merged.after
