"""The commands, a module for each group: options in, one call of a module that is loaded only then, a status out."""
