"""How often the bootstrapped interval of a pooled quantile holds the true one.

    python tests/sim/experiment/measure_pooled.py

Replications of about a hundred lognormal observations whose scale varies from one to the next (standard deviation of
its logarithm 0.2); the truth is the quantile of 40,000 replications. 400 trials a line: a standard error of 1.3 %.
"""

import numpy as np

from sim.experiment.pooled import pooled_quantile

TRIALS = 400


def replications(draws: np.random.Generator, count: int) -> list[np.ndarray]:
    scales = np.exp(draws.normal(0.0, 0.2, size=count))
    return [(draws.lognormal(0.0, 0.7, size=draws.poisson(100)) * scale * 1e6).astype(np.int64) for scale in scales]


def main() -> None:
    draws = np.random.default_rng(7)
    truth = np.concatenate(replications(draws, 40_000))
    for percent in (50, 95, 99):
        true = float(np.quantile(truth, percent / 100))
        for count in (20, 40, 100):
            found = [pooled_quantile(replications(draws, count), percent) for _ in range(TRIALS)]
            held = sum(each.low <= true <= each.high for each in found)
            print(f"p{percent}, {count} replications: {held / TRIALS:.1%}")


if __name__ == "__main__":
    main()
