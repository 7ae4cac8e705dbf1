"""Binding strategies, as compositions of small policies."""
