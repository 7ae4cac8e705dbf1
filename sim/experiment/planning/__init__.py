"""Capacity planning: the highest load that meets objectives, what limits it, what a size carries.

The command line and notebooks use this door. Nothing here prints or draws.
"""
