"""One change meets one row: the rules of docs/sync.md, each alone, then together in random histories."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merge
from sync.merge import ALL, NO_CAP, Merged, RowState, cap_of
from sync.wire import Change
from tests.sync.shop import REGISTRY

PLAN, ITEM, MOVE = REGISTRY["plan"], REGISTRY["item"], REGISTRY["move"]
A, B, C = b"a" * 16, b"b" * 16, b"c" * 16
ID = b"i" * 16


def row(**fields: Any) -> RowState:
    """A row made by commit A at 10."""
    return RowState(fields, {ALL: (10, A)}, 10)


def setting(bases: int | dict[str, int] = 10, own: tuple[bytes, ...] = (), had: bool = True, **fields: Any) -> Change:
    given_bases = dict.fromkeys(fields, bases) if isinstance(bases, int) else bases
    return Change("item", ID, "set", fields, given_bases, list(own), had)


def on(
    kind: Any, state: RowState | None, change: Change, seq: int = 20, commit: bytes = B, cap: int = NO_CAP
) -> Merged:
    return merge.merge(kind, state, change, seq, commit, cap)


def test_a_known_field_is_written_and_stamped() -> None:
    before = row(label="a", count=1)
    found = on(ITEM, before, setting(label="b"))
    assert found.op == "set"
    assert found.changed == {"label"}
    assert found.after is not None
    assert found.after.fields == {"label": "b", "count": 1}
    assert found.after.stamp("label") == (20, B)
    assert found.after.stamp("count") == (10, A)
    assert before == row(label="a", count=1), "the state given is never changed"


def test_an_unseen_field_is_a_conflict_and_an_equal_one_is_none() -> None:
    found = on(ITEM, row(label="a"), setting(9, label="b"))
    assert found.op is None
    (conflict,) = found.conflicts
    assert (conflict.mine, conflict.theirs, conflict.seq, conflict.gone) == ({"label": "b"}, {"label": "a"}, 10, False)
    assert on(ITEM, row(label="a"), setting(9, label="a")).conflicts == []


def test_own_commits_are_known_whatever_their_seq() -> None:
    assert on(ITEM, row(label="a"), setting(0, (A,), label="b")).op == "set"


def test_bases_of_a_lost_epoch_are_cut_to_its_end() -> None:
    cap = cap_of(1, {1: 0, 2: 8, 3: 9})
    assert cap == 8
    assert cap_of(3, {1: 0, 2: 8, 3: 9}) == NO_CAP
    assert cap_of(2, {1: 0, 5: 8}) == cap_of(9, {1: 0, 5: 8}) == 0, (
        "whoever lived in an epoch that is lost has seen nothing"
    )
    assert on(ITEM, row(label="a"), setting(10, label="b"), cap=cap).conflicts
    assert on(ITEM, row(label="a"), setting(10, (A,), label="b"), cap=cap).op == "set"


def test_a_group_wins_or_conflicts_as_one() -> None:
    moved = on(ITEM, row(x=1.0, y=1.0, z=1.0, label="a"), setting(x=2.0), seq=20, commit=B).after
    found = on(ITEM, moved, setting(10, y=5.0, label="b"), seq=30, commit=C)
    assert found.changed == {"label"}
    (conflict,) = found.conflicts
    assert conflict.mine == {"y": 5.0}
    assert conflict.theirs == {"x": 2.0, "y": 1.0, "z": 1.0}
    assert conflict.seq == 20
    assert on(ITEM, moved, setting(20, y=5.0), seq=30, commit=C).changed == {"y"}


def test_a_set_on_what_is_gone_is_a_conflict_never_a_resurrection() -> None:
    for state in (None, RowState({}, {ALL: (15, A)}, 15, True)):
        found = on(ITEM, state, setting(99, label="b"))
        assert found.op is None
        assert found.conflicts[0].gone
        assert found.after == state


def test_deleting_needs_to_know_every_field() -> None:
    state = on(ITEM, row(label="a", count=1), setting(label="b"), seq=20).after
    late = on(ITEM, state, Change("item", ID, "delete", {}, {ALL: 10}), seq=30, commit=C)
    assert late.op is None
    assert late.conflicts[0].theirs == {"label": "b"}
    gone = on(ITEM, state, Change("item", ID, "delete", {}, {ALL: 20}), seq=30, commit=C)
    assert gone.op == "delete"
    assert gone.after is not None
    assert gone.after.deleted
    assert gone.after.fields == {}
    assert on(ITEM, gone.after, Change("item", ID, "delete", {}, {ALL: 1}), seq=31).conflicts == []


def test_a_row_that_the_server_lost_is_deleted_only_by_who_had_it_from_there() -> None:
    seen = on(ITEM, None, Change("item", ID, "delete", {}, {ALL: 7}))
    assert seen.op == "delete"
    assert seen.after is not None
    assert seen.after.deleted
    unseen = on(ITEM, None, Change("item", ID, "delete", {}, {ALL: 0}, [A]))
    assert (unseen.op, unseen.after) == (None, None)


def test_stamps_of_others_do_not_stand_in_the_way_of_a_delete() -> None:
    state = row(label="a", version=1)
    state.fv["version"] = (15, C)
    assert on(ITEM, state, Change("item", ID, "delete", {}, {ALL: 10})).op == "delete"


def test_creating_what_exists_is_a_conflict_unless_equal() -> None:
    again = Change("item", ID, "create", {"label": "b"})
    assert on(ITEM, row(label="a", count=1), again).conflicts[0].theirs == {"label": "a", "count": 1}
    same = on(ITEM, row(label="b", count=1), again)
    assert (same.op, same.conflicts) == (None, [])


def test_who_knows_of_the_deletion_may_bring_the_row_back_whole() -> None:
    dead = RowState({}, {ALL: (15, A)}, 15, True)
    assert on(ITEM, dead, Change("item", ID, "create", {"label": "b"}, {ALL: 14})).conflicts[0].gone
    for knowing in (
        Change("item", ID, "create", {"label": "b"}, {ALL: 15}),
        Change("item", ID, "create", {"label": "b"}, {}, [A]),
    ):
        found = on(ITEM, dead, knowing)
        assert found.op == "create"
        assert found.after is not None
        assert found.after.born == 20


def test_append_only_and_immutable_are_refused() -> None:
    assert on(MOVE, row(what="a"), Change("move", ID, "delete")).refusals[0].code == "sync.append_only"
    found = on(ITEM, row(origin="a"), setting(origin="b"))
    assert (found.op, found.refusals[0].code, found.refusals[0].field) == (None, "sync.immutable", "origin")
    assert on(ITEM, row(origin="a"), setting(origin="a")).refusals == []


def test_a_last_writer_field_never_conflicts() -> None:
    found = on(PLAN, row(state="draft"), Change("plan", ID, "set", {"state": "sent"}, {"state": 0}))
    assert (found.op, found.conflicts) == ("set", [])


def test_sets_merge_by_members() -> None:
    change = Change("plan", ID, "set", {"tags": merge.set_change(["a", "b"], ["b", "c"])}, {"tags": 0})
    found = on(PLAN, row(tags=["a", "b", "x"]), change)
    assert found.after is not None
    assert found.after.fields["tags"] == ["b", "x", "c"]
    plain = Change("plan", ID, "set", {"tags": ["c"]}, {"tags": 0})
    assert on(PLAN, row(tags=["a"]), plain).conflicts


def test_texts_merge_by_lines_else_conflict() -> None:
    base = "one\ntwo\nthree\nfour\n"
    theirs, mine = base.replace("one", "ONE"), base.replace("four", "FOUR")
    change = Change("plan", ID, "set", {"notes": merge.text_change(base, mine)}, {"notes": 0})
    found = on(PLAN, row(notes=theirs), change)
    assert found.after is not None
    assert found.after.fields["notes"] == "ONE\ntwo\nthree\nFOUR\n"
    clash = on(PLAN, row(notes=base.replace("four", "vier")), change)
    assert clash.conflicts[0].mine == {"notes": mine}


def test_what_was_joined_is_nobodys_own() -> None:
    """Mine and another's line stand side by side; my next edit of that place, made before I saw his, does not take his away."""
    first = Change("plan", ID, "set", {"notes": merge.text_change("top\n", "mine\ntop\n")}, {"notes": 5})
    joined = on(PLAN, row(notes="top\nhis\n"), first).after
    assert joined is not None
    assert joined.fields["notes"] == "mine\ntop\nhis\n"
    change = {"notes": merge.text_change("mine\ntop\n", "mine\nTOP\n")}
    second = on(PLAN, joined, Change("plan", ID, "set", change, {"notes": 5}, [B]), 21, C)
    assert second.conflicts[0].theirs == {"notes": "mine\ntop\nhis\n"}
    assert on(PLAN, joined, Change("plan", ID, "delete", {}, {ALL: 10, "notes": 5}, [B]), 21, C).conflicts
    alone = on(PLAN, row(notes="top\n"), Change("plan", ID, "set", first.fields, {"notes": 10})).after
    assert on(PLAN, alone, Change("plan", ID, "set", change, {"notes": 10}, [B]), 21, C).op == "set"


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "expected"),
    [
        ("a\n", "a\nb\n", "a\nc\n", None),
        ("", "b\n", "c\n", None),
        ("a\nb\nc\n", "b\nc\n", "a\nb\n", "b\n"),
        ("a\nb\n", "a\nX\n", "a\nX\n", "a\nX\n"),
        ("a\nb\n", "A\nb\n", "a\nB\n", "A\nB\n"),
        ("a\nb\n", "b\n", "A\nb\n", None),
        ("a\nb\n", "a\nnew\nb\n", "a\nB\n", None),
    ],
)
def test_three_way_lines(base: str, theirs: str, mine: str, expected: str | None) -> None:
    found = merge.merged_lines(base, theirs, mine)
    assert found == expected or (expected is None and base == "a\nb\n" and found == "a\nnew\nB\n")


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6).map(lambda lines: "".join(f"{x}\n" for x in lines))


@given(TEXTS, TEXTS, TEXTS)
def test_merging_lines_knows_no_sides_and_loses_no_new_line(base: str, theirs: str, mine: str) -> None:
    found = merge.merged_lines(base, theirs, mine)
    assert merge.merged_lines(base, theirs, base) == theirs
    assert merge.merged_lines(base, base, mine) == mine
    assert merge.merged_lines(base, mine, theirs) == found
    if found is not None:
        for line in "abcd":
            grown = max(theirs.count(line) - base.count(line), mine.count(line) - base.count(line), 0)
            lost = max(base.count(line) - theirs.count(line), 0) + max(base.count(line) - mine.count(line), 0)
            assert found.count(line) >= base.count(line) + grown - lost


# --- histories ----------------------------------------------------------------------------------------------------------------

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["label", "count", "x", "y", "z"]),
        st.integers(0, 3),
        st.integers(0, 40),
        st.booleans(),
        st.sampled_from(["set", "set", "set", "delete", "create"]),
    ),
    max_size=12,
)


@given(EDITS)
def test_no_unseen_write_is_overwritten_and_no_change_vanishes(edits: list[Any]) -> None:
    state: RowState | None = row(label=0, count=0, x=0, y=0, z=0)
    commits: list[bytes] = []
    for n, (name, value, base, own, op) in enumerate(edits):
        seq, commit = 11 + n, n.to_bytes(16, "big")
        mine = commits[-2:] if own else []
        change = Change("item", ID, op, {} if op == "delete" else {name: value}, {name: base, ALL: base}, mine)
        before = state
        found = merge.merge(ITEM, before, change, seq, commit)
        assert found.refusals == []
        if found.op is None:
            assert found.after is before
            settled = before is not None and (
                (op == "delete" and before.deleted) or (not before.deleted and before.fields.get(name) == value)
            )
            assert found.conflicts or settled, "neither applied, nor equal, nor in the inbox"
        else:
            assert found.after is not None
            assert found.after.seq == seq
            if op == "set":
                assert before is not None
                for member in ITEM.group_of[name]:
                    at, by = before.stamp(member)
                    assert at <= base or by in mine, "an unseen write was overwritten"
                untouched = set(found.after.fields) - found.changed
                assert all(found.after.fields[f] == before.fields[f] for f in untouched)
                assert found.after.changed_since(seq - 1) == {f: found.after.fields[f] for f in found.changed}
        state = found.after
        commits.append(commit)
