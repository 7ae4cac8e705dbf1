"""The HTML page of a result: one self-contained file, without network and without JavaScript.

`bindsim report` and notebooks call `write_report`. A page is a list of blocks that the verb of the result chooses; a
block is data for one template. Nothing here runs a simulation.
"""

from sim.report.page.writing import report_html, write_report

__all__ = ["report_html", "write_report"]
