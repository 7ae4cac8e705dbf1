"""The properties that a history is checked for, one file each. sim.history.checker calls them."""
