"""The demo catalogue is believable: whole, priced with a margin, and lit by files that say what its variants say."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import func, select

from presales_desktop.lighting.read import read
from presales_desktop.models.catalogue import CATEGORIES, Photometry, Product
from presales_desktop.services import catalogue, contents
from presales_desktop.services.demo import catalogue as demo
from presales_desktop.services.demo.stage import Stage


@pytest.fixture
def stage(engine, template_folder) -> Stage:
    made = Stage(engine, template_folder[1], dt.date(2026, 11, 23))
    demo.fill(made)
    return made


def test_the_demo_catalogue(stage: Stage) -> None:
    # One filling serves all questions: it takes seconds.
    products, variants = stage.ids["product"], stage.ids["variant"]
    assert len(products) == len(set(products)) == 300
    facts = stage.run("wangmin", catalogue.facts, variants)
    assert len(facts) == len(variants) > 700
    assert len({f.category for f in facts.values()} & set(CATEGORIES)) >= 14
    assert max(Counter(f.product_id for f in facts.values()).values()) <= 4
    assert all(f.list_fen and f.image_sha256 and f.active for f in facts.values())
    assert all(50 <= f.flux_lm / float(f.power_w) <= 200 for f in facts.values() if f.flux_lm and f.power_w)

    costs = stage.run("zhoufang", catalogue.costs, variants)
    floors = stage.run("zhoufang", catalogue.floors, variants)
    for variant_id, told in facts.items():
        net = told.list_fen / 1.13
        assert 0.3 < costs[variant_id] / net < 0.7
        assert costs[variant_id] < floors[variant_id] / 1.13 < net

    lit = [f for f in facts.values() if f.flux_lm]
    files = stage.run("wangmin", catalogue.photometries, [f.variant_id for f in lit])
    assert len(files) == len(lit)
    read_once = {data.sha256: read(data.data, data.name) for data in files.values()}
    assert {r.format[:3] for r in read_once.values()} == {"LM-", "EUL"}
    assert not [r for r in read_once.values() if r.warnings]
    for told in lit:
        data = files[told.variant_id]
        assert read_once[data.sha256].lumens * data.flux_factor == pytest.approx(told.flux_lm, rel=0.001)
        if told.category == "spotlight":
            beam = read_once[data.sha256].figures()["beam_angle_deg"]
            assert beam == pytest.approx(float(told.beam_deg), rel=0.1)

    def stored(work):
        some = work.session.scalars(select(Photometry).limit(40)).all()
        demo_marks = work.session.scalar(select(func.count()).select_from(Photometry).where(~Photometry.demo))
        states = dict(work.session.execute(select(Product.state, func.count()).group_by(Product.state)).all())
        return [(p.figures, p.format, contents.blob(work, p.sha256), p.name) for p in some], demo_marks, states

    some, unmarked, states = stage.run("wangmin", stored)
    assert unmarked == 0
    assert states["discontinued"] > 0
    for figures, fmt, data, name in some:
        again = read(data, name)
        assert fmt == again.format == figures["format"]
        assert figures["lumens"] == pytest.approx(again.lumens, rel=1e-4)
        assert figures["max_candela"] == pytest.approx(float(again.full()[2].max()), rel=1e-3)


def test_the_demo_catalogue_is_the_same_every_time() -> None:
    first = [(r.prefix, s.code, old) for r, s, old in demo.planned()]
    assert len(first) == 300
    assert len({(p, c) for p, c, _ in first}) == 300
    assert first == [(r.prefix, s.code, old) for r, s, old in demo.planned()]
