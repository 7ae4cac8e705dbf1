"""The agents that run on hosts and report to the API, so that agent drivers know them to be alive."""

from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from core.constants import AGENT_DOWN_S
from sim.scenario.base import Part, PositiveSeconds


class Agents(Part):
    """How often the agent of each host reports, through the API as any request, and when it is seen dead."""

    report_interval_s: PositiveSeconds = 30.0
    """Time from one report to the next, s; Neutron's report_interval is 30 s. One that is not answered yet when the
    next is due takes its place."""
    down_time_s: PositiveSeconds = AGENT_DOWN_S
    """How long after the last report an agent is seen dead, s; Neutron's agent_down_time is 75 s."""

    @model_validator(mode="after")
    def _live_between_reports(self) -> Self:
        if self.report_interval_s >= self.down_time_s:
            raise PydanticCustomError(
                "cross",
                "has a report_interval_s of {interval:g}, not below down_time_s ({down:g}): agents would be seen dead "
                "between two reports",
                {"interval": self.report_interval_s, "down": self.down_time_s},
            )
        return self
