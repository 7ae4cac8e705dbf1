"""Keyed draws follow from seed, purpose and key alone, and look like independent uniform numbers.

Each statistical test would reject a perfect generator with probability 1e-6. The seeds are fixed, so no outcome changes
from run to run.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.kernel import Draws

ERROR_RATE = 1e-6
SIZE = 20_000
PURPOSE = Draws.purpose("test")

# Keys as they come in runs: counters in one place, two counters, nothing but the seed.
SEQUENCES: dict[str, Callable[[int], float]] = {
    "first of the key": lambda i: Draws(1).uniform(PURPOSE, i),
    "second of the key": lambda i: Draws(2).uniform(PURPOSE, 7, i),
    "last of a long key": lambda i: Draws(3).uniform(PURPOSE, 1, 2, 3, 4, i),
    "a grid": lambda i: Draws(4).uniform(PURPOSE, i // 141, i % 141),
    "a diagonal": lambda i: Draws(5).uniform(PURPOSE, i, i),
    "high bits only": lambda i: Draws(6).uniform(PURPOSE, i << 40),
    "negative": lambda i: Draws(7).uniform(PURPOSE, -i),
    "purposes by number": lambda i: Draws(8).uniform(i, 5),
    "neighbouring seeds": lambda i: Draws(i).uniform(PURPOSE, 5),
}


@pytest.fixture(params=SEQUENCES.keys(), scope="module")
def uniforms(request: pytest.FixtureRequest) -> NDArray[np.float64]:
    return np.array([SEQUENCES[request.param](i) for i in range(SIZE)])


def test_draws_are_uniform(uniforms: NDArray[np.float64]) -> None:
    assert stats.kstest(uniforms, "uniform").pvalue > ERROR_RATE


def test_draws_are_as_even_within_the_finest_steps(uniforms: NDArray[np.float64]) -> None:
    # The 20 low bits of the 52: a weak hash has patterns there.
    fine = (uniforms * 2**32) % 1.0
    assert stats.kstest(fine, "uniform").pvalue > ERROR_RATE


@pytest.mark.parametrize("lag", [1, 2, 141])
def test_draws_of_neighbouring_keys_are_uncorrelated(uniforms: NDArray[np.float64], lag: int) -> None:
    assert stats.pearsonr(uniforms[:-lag], uniforms[lag:]).pvalue > ERROR_RATE


def test_pairs_of_neighbours_fill_the_square_evenly(uniforms: NDArray[np.float64]) -> None:
    cells = np.histogram2d(uniforms[0::2], uniforms[1::2], bins=20, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > ERROR_RATE


def as_bits(numbers: list[int]) -> NDArray[np.int64]:
    """One row a number, one column a bit."""
    words = np.array(numbers, dtype=np.uint64)
    return ((words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).astype(np.int64)


def test_every_bit_is_set_half_of_the_time() -> None:
    draws = Draws(11)
    ones = as_bits([draws.bits64(PURPOSE, i) for i in range(SIZE)]).sum(axis=0)
    assert min(stats.binomtest(int(count), SIZE).pvalue for count in ones) > ERROR_RATE / 64


@pytest.mark.parametrize("place", range(3))
def test_every_bit_of_a_key_changes_every_bit_of_the_draw_half_of_the_time(place: int) -> None:
    draws, trials = Draws(12), 200
    for bit in range(64):
        changed = []
        for i in range(trials):
            key = [i, 3 * i, 1_000_003 * i]
            before = draws.bits64(PURPOSE, *key)
            key[place] ^= 1 << bit
            changed.append(before ^ draws.bits64(PURPOSE, *key))
        ones = as_bits(changed).sum(axis=0)
        most_extreme = int(max(ones, key=lambda count: abs(count - trials / 2)))
        assert stats.binomtest(most_extreme, trials).pvalue > ERROR_RATE / 64 / 64


def test_no_two_keys_of_a_run_share_a_draw() -> None:
    draws = Draws(13)
    seen = {draws.bits64(PURPOSE, i, j, k) for i in range(1_000) for j in range(10) for k in range(10)}
    assert len(seen) == 100_000  # by chance less than one in a billion would differ: 1e5^2 / 2 / 2^64


def test_keys_of_different_lengths_have_nothing_in_common() -> None:
    draws = Draws(14)
    assert len({draws.bits64(PURPOSE, *([0] * length)) for length in range(9)}) == 9


def test_a_draw_does_not_depend_on_what_was_drawn_before() -> None:
    first, second = Draws(15), Draws(15)
    for i in range(100):
        second.uniform(PURPOSE, i)
    assert first.uniform(PURPOSE, 3, 4) == second.uniform(PURPOSE, 3, 4)


def test_a_uniform_draw_is_made_of_the_high_bits_and_never_0_or_1() -> None:
    draws = Draws(16)
    for i in range(100):
        assert draws.uniform(PURPOSE, i, 2) == ((draws.bits64(PURPOSE, i, 2) >> 12) + 0.5) * 2.0**-52
    assert 0.0 < 0.5 * 2.0**-52
    assert (2**52 - 1) * 2.0**-52 + 2.0**-53 < 1.0


def test_integers_below_a_limit_are_even() -> None:
    draws = Draws(17)
    counts = np.bincount([draws.integer(7, PURPOSE, i) for i in range(SIZE)], minlength=7)
    assert stats.chisquare(counts).pvalue > ERROR_RATE


def test_ids_have_the_shape_of_random_uuids_and_differ() -> None:
    draws = Draws(18)
    ids = [draws.uuid(PURPOSE, i) for i in range(1_000)]
    assert len(set(ids)) == 1_000
    assert all(uuid.UUID(made).version == 4 and str(uuid.UUID(made)) == made for made in ids)
    assert all(uuid.UUID(made).variant == uuid.RFC_4122 for made in ids)


def test_both_halves_of_an_id_vary_in_every_free_digit() -> None:
    draws = Draws(19)
    ids = [draws.uuid(PURPOSE, i) for i in range(1_000)]
    kinds = [len({made[place] for made in ids}) for place in range(36)]
    assert kinds == [16] * 8 + [1] + [16] * 4 + [1, 1] + [16] * 3 + [1, 4] + [16] * 3 + [1] + [16] * 12


def test_streams_of_two_names_or_seeds_differ_and_repeat() -> None:
    def start(seed: int, name: str) -> float:
        return float(Draws(seed).stream(name).random())

    assert start(1, "arrivals") == start(1, "arrivals")
    assert len({start(1, "arrivals"), start(1, "batches"), start(2, "arrivals")}) == 3


def test_draws_do_not_depend_on_pythons_hash_seed() -> None:
    program = (
        "from sim.kernel import Draws; d = Draws(5); p = d.purpose('bind'); "
        "print(p, d.uniform(p, 1, 2), d.uuid(p, 3), d.stream('arrivals').random())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4242")
    }
    assert len(printed) == 1
    assert printed.pop().strip()


def test_draws_are_the_same_for_ever() -> None:
    # Whoever changes these numbers changes the results of every published seed.
    draws = Draws(2024)
    purpose = draws.purpose("bind")
    assert purpose == 7134127114183599170
    assert draws.bits64(purpose, 1, 2, 3) == 12856357725956662471
    assert draws.uuid(purpose, 1) == "bf91cab4-5fc0-4c39-81c8-a5ded94d4240"


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=r"it must be an integer from 0 to 2\*\*64 - 1"):
        Draws(seed)


def test_a_key_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="a key of 9 integers; at most 8"):
        Draws(1).uniform(PURPOSE, *range(9))
    with pytest.raises(ValueError, match="a key of 9 integers; at most 8"):
        Draws(1).bits64(PURPOSE, *range(9))


def test_an_integer_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="the limit must be at least 1"):
        Draws(1).integer(0, PURPOSE)
