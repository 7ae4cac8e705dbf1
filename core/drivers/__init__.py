"""Mechanism drivers that belong to the core."""
