"""Which of many alike things an operation is about: all the same chance, Zipf's law, or a fixed share for a few.

Built once a run; the load asks with a uniform draw of its own. Nothing here draws.
"""

from bisect import bisect_right
from itertools import accumulate

from sim.scenario import HotPorts


class Skew:
    """A choice among `count` things, by number."""

    __slots__ = ("_cumulated", "_hot", "count")

    def __init__(self, count: int, *, zipf_s: float = 0.0, hot: HotPorts | None = None) -> None:
        """Thing i has weight (i + 1) ** -zipf_s; or the first `hot.count` have `hot.share` of all."""
        self.count = count
        self._hot = (hot.count, hot.share) if hot is not None else None
        self._cumulated = list(accumulate((i + 1) ** -zipf_s for i in range(count))) if zipf_s else None

    def pick(self, uniform: float) -> int:
        """The thing at this probability, 0 <= uniform < 1. `count` must be above 0."""
        if self._hot is not None:
            return self._pick_hot(uniform, *self._hot)
        if self._cumulated is None:
            return int(uniform * self.count)
        place = bisect_right(self._cumulated, uniform * self._cumulated[-1])
        return min(place, self.count - 1)

    def _pick_hot(self, uniform: float, hot: int, share: float) -> int:
        if hot == self.count:
            return int(uniform * hot)
        if uniform < share:
            return min(int(uniform / share * hot), hot - 1)
        cold = (uniform - share) / (1 - share)
        return min(hot + int(cold * (self.count - hot)), self.count - 1)
