"""Choices among alike things."""

import pytest

from sim.model.skew import Skew
from sim.scenario import HotPorts


def counted(skew: Skew, draws: int = 10_000) -> list[int]:
    counts = [0] * skew.count
    for n in range(draws):
        counts[skew.pick((n + 0.5) / draws)] += 1
    return counts


def test_without_skew_all_have_the_same_chance() -> None:
    assert counted(Skew(4)) == [2500] * 4


def test_zipf_weights_fall_with_the_number() -> None:
    counts = counted(Skew(3, zipf_s=1.0), 11_000)
    assert counts == [6000, 3000, 2000]


def test_hot_ones_have_their_share() -> None:
    counts = counted(Skew(10, hot=HotPorts(count=2, share=0.8)))
    assert counts[:2] == [4000, 4000]
    assert counts[2:] == [250] * 8


@pytest.mark.parametrize(
    "hot", [HotPorts(count=3, share=0.5), HotPorts(count=2, share=1.0), HotPorts(count=1, share=0)]
)
def test_no_draw_falls_outside(hot: HotPorts) -> None:
    picks = {Skew(3, hot=hot).pick(u) for u in (1e-16, 0.4999999, 0.5, 0.999999999999)}
    assert picks <= {0, 1, 2}
