"""Figures: one a file, each a function that takes a result and, optionally, matplotlib axes, and returns the axes.

The HTML page and notebooks use them. A figure draws what a result says and runs nothing.
"""
