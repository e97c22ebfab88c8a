"""Circumstances: varied within their bounds, the same within a group, spliced in place."""

import numpy as np

from oran.intent import DEFAULT_INTENTS
from oran.snssai import Snssai
from trainer.domain import Domain, default_circumstances, default_intents, draw_circumstances
from xapp.decision.targets import TargetsBatch

SNSSAIS = tuple(i.snssai for i in DEFAULT_INTENTS)


def test_copies_of_a_group_live_under_the_same_circumstances() -> None:
    drawn = draw_circumstances(Domain(), SNSSAIS, 3, 50, 4, np.random.default_rng(0))
    weight = drawn.targets.weight.reshape(50, 4, 3)
    assert (weight == weight[:, :1]).all()
    assert len(np.unique(weight[:, 0, 0])) > 10
    silent = drawn.silent_slices.reshape(50, 4, -1)
    assert (silent == silent[:, :1]).all()
    assert 0 < silent.any(axis=(1, 2)).mean() < 0.5


def test_targets_vary_within_their_factors_and_missing_ones_stay_missing() -> None:
    domain = Domain(default_share=0.0, silent_share=0.0, weight_factor=3.0, delay_factor=2.0)
    drawn = draw_circumstances(domain, SNSSAIS, 3, 200, 1, np.random.default_rng(1))
    default = TargetsBatch.of(DEFAULT_INTENTS)
    for name, factor in (("weight", 3.0), ("delay_ms", 2.0)):
        ratio = getattr(drawn.targets, name) / getattr(default, name)
        assert np.nanmin(ratio) >= 1 / factor
        assert np.nanmax(ratio) <= factor
        assert np.nanstd(ratio) > 0.1
    assert np.isnan(drawn.targets.throughput_kbps[:, 1:]).all()
    assert not drawn.silent_cell.any()


def test_some_keep_the_default_intents() -> None:
    domain = Domain(default_share=0.5)
    drawn = draw_circumstances(domain, SNSSAIS, 3, 400, 1, np.random.default_rng(2))
    default = (drawn.targets.weight == TargetsBatch.of(DEFAULT_INTENTS).weight).all(axis=1)
    assert 0.4 < default.mean() < 0.6


def test_unknown_slice_types_get_the_intent_of_embb() -> None:
    (intent,) = default_intents((Snssai(77, 1),))
    assert intent.snssai == Snssai(77, 1)
    assert intent.sla == DEFAULT_INTENTS[0].sla


def test_splicing_replaces_the_rows_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    old = default_circumstances(SNSSAIS, 6)
    new = draw_circumstances(Domain(default_share=0.0, silent_share=1.0), SNSSAIS, 3, 2, 1, rng)
    made = old.spliced(slice(2, 4), new)
    assert (made.targets.weight[2:4] == new.targets.weight).all()
    assert (made.targets.rows[[0, 1, 4, 5]] == old.targets.rows[0]).all()
    assert (made.silent_slices[2:4] == new.silent_slices).all()
    assert not made.silent_slices[[0, 1, 4, 5]].any()


def test_slice_places_without_a_slice_have_no_targets() -> None:
    drawn = draw_circumstances(Domain(), SNSSAIS[:2], 4, 3, 2, np.random.default_rng(4)).targets
    assert drawn.sst.shape == (6, 4)
    assert (drawn.sst[:, 2:] == 0).all()
    assert np.isnan(drawn.delay_ms[:, 2:]).all()
    assert not drawn.urllc[:, 2:].any()
