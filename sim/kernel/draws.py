"""Keyed random draws: every number follows from (seed, purpose, key) alone, whatever was drawn before it.

Used by whatever is random in a run. It never keeps a position in a stream, apart from the numpy streams of ``stream``,
which are for bulk draws such as arrivals.

The hash: the key goes into a sum of products with fixed odd multipliers, and two rounds of 64 by 64 bit
multiplication, high half folded into low (the mixing step of Wang Yi's wyhash), spread it. Nothing depends on
Python's own ``hash``. A uniform draw with a key of three costs 0.71 us (tests/sim/kernel/measure_kernel.py).
"""

from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from itertools import count

import numpy as np

_MASK = (1 << 64) - 1
_UPPER = _MASK >> 40 << 40  # leaves room for a counter up to a trillion
_MAX_KEY = 8  # integers in a key; more would be a sign of a key that should be a purpose


def _constant(name: str) -> int:
    """64 bits from a name, the same everywhere and for ever."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


# Odd multipliers drawn from names: any would do that are large and unrelated (assumption; the tests check the outcome).
_FACTORS = tuple(_constant(f"bindsim factor {i}") | 1 for i in range(_MAX_KEY))
_FACTOR_0, _FACTOR_1 = _FACTORS[:2]
_MIX_1 = _constant("bindsim mix 1") | 1
_MIX_2 = _constant("bindsim mix 2") | 1
_HALF_STEP = 2.0**-53  # half of the distance between two uniform draws


class Draws:
    """All randomness of a run with one ``seed`` (0 to 2**64 - 1). A key is up to eight integers of at most 64 bits."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed <= _MASK:
            raise ValueError(f"seed is {seed}; it must be an integer from 0 to 2**64 - 1")
        self.seed = seed
        # One start for each length of a key, so that (1,) and (1, 0) have nothing in common.
        self._starts = tuple(_constant(f"{seed} key of {n}") for n in range(_MAX_KEY + 1))

    @staticmethod
    @cache
    def purpose(name: str) -> int:
        """What a draw is for, as an integer: the same for the same name everywhere. Look it up once."""
        return _constant(f"purpose {name}")

    def bits64(self, purpose: int, *key: int) -> int:
        """A uniform integer from 0 to 2**64 - 1."""
        try:
            x = self._starts[len(key)] ^ purpose
        except IndexError:
            raise _too_long(key) from None
        if len(key) == 1:  # the loop costs a third of a draw, and most keys are short
            x += key[0] * _FACTOR_0
        elif len(key) == 2:
            x += key[0] * _FACTOR_0 + key[1] * _FACTOR_1
        else:
            for number, factor in zip(key, _FACTORS):  # noqa: B905  strict=True costs a tenth of the draw
                x += number * factor
        x = (x & _MASK) * _MIX_1
        x = ((x >> 64 ^ x) & _MASK) * _MIX_2
        return (x >> 64 ^ x) & _MASK

    def distinct(self, purpose: int) -> Iterator[int]:
        """One draw after the other, no two alike: `bits64` of the key n, its lower 40 bits replaced by n itself."""
        start = self._starts[1] ^ purpose
        for n in count():  # the body of bits64 again
            x = (start + n * _FACTOR_0 & _MASK) * _MIX_1
            x = ((x >> 64 ^ x) & _MASK) * _MIX_2
            yield (x >> 64 ^ x) & _UPPER | n

    def uniform(self, purpose: int, *key: int) -> float:
        """A uniform float in (0, 1), neither 0 nor 1, in steps of 2**-52."""
        # The body of bits64 again: the call would cost a fifth of the draw.
        try:
            x = self._starts[len(key)] ^ purpose
        except IndexError:
            raise _too_long(key) from None
        if len(key) == 1:
            x += key[0] * _FACTOR_0
        elif len(key) == 2:
            x += key[0] * _FACTOR_0 + key[1] * _FACTOR_1
        else:
            for number, factor in zip(key, _FACTORS):  # noqa: B905
                x += number * factor
        x = (x & _MASK) * _MIX_1
        x = ((x >> 64 ^ x) & _MASK) * _MIX_2
        return (((x >> 64 ^ x) & _MASK) >> 12) * 2.0**-52 + _HALF_STEP

    def integer(self, below: int, purpose: int, *key: int) -> int:
        """A uniform integer from 0 to ``below`` - 1; the bias is under ``below`` / 2**64."""
        if below < 1:
            raise ValueError(f"integer below {below}: there is none; the limit must be at least 1")
        return self.bits64(purpose, *key) * below >> 64

    def uuid(self, purpose: int, *key: int) -> str:
        """An id in the shape of a random UUID (version 4): 36 characters, 122 random bits."""
        high = self.bits64(purpose, *key)
        low = self.bits64(purpose ^ _MIX_2, *key)
        digits = f"{high & 0xFFFFFFFFFFFF0FFF | 0x4000:016x}{low & 0x3FFFFFFFFFFFFFFF | 0x8000000000000000:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def stream(self, name: str) -> np.random.Generator:
        """A numpy generator of its own for each name. 13 us and 1.1 KB each: for bulk draws, never one an operation."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(_constant(name),))))


def _too_long(key: tuple[int, ...]) -> ValueError:
    return ValueError(f"a key of {len(key)} integers; at most {_MAX_KEY}: make the first ones part of the purpose")
