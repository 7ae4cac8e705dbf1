"""Finds the class of a driver, by its path or by its entry point, and gives it the configuration that it reads.

Neutron's options are registered and parsed as its server does it, with no file but those that the scenario names.
"""

import inspect
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.neutron_drivers.call import NeutronDriverError

ENTRY_POINTS = "neutron.ml2.mechanism_drivers"
METHODS = (
    "initialize",
    "bind_port",
    "create_port_precommit",
    "create_port_postcommit",
    "update_port_precommit",
    "update_port_postcommit",
    "delete_port_precommit",
    "delete_port_postcommit",
)
"""What neutron-lib's MechanismDriver has, of what the core calls."""


def driver_class(named: str) -> type[Any]:
    """The class at `package.module:Class` or `package.module.Class`, or of the entry point. NeutronDriverError."""
    with _without_warnings():
        found = _at_path(named) if ":" in named or "." in named else _at_entry_point(named)
    if not inspect.isclass(found):
        raise NeutronDriverError(f"driver {named}: is {found!r}, not a class")
    missing = [method for method in METHODS if not callable(getattr(found, method, None))]
    if missing:
        raise NeutronDriverError(f"driver {named}: is no mechanism driver, it has no {', '.join(missing)}")
    return found


def configure(named: str, config_files: Sequence[str]) -> None:
    """Parses oslo.config's global options with these files only. Does nothing where oslo.config is not installed."""
    absent = [path for path in config_files if not Path(path).is_file()]
    if absent:
        raise NeutronDriverError(f"driver {named}: the configuration file {absent[0]} does not exist")
    if find_spec("oslo_config") is None:
        return
    with _without_warnings():
        options = import_module("oslo_config.cfg")
        options.CONF.clear()  # options of the command line can only be registered before anything is parsed
        _register(options)
    try:
        options.CONF(args=[], project="neutron", default_config_files=list(config_files), default_config_dirs=[])
    except options.Error as error:
        raise NeutronDriverError(f"driver {named}: the configuration cannot be read: {error}") from error


@contextmanager
def _without_warnings() -> Iterator[None]:
    """What OpenStack's packages say of each other when they are imported is nothing that a user can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _register(options: Any) -> None:
    """The options that Neutron's server has registered before it loads a driver."""
    if find_spec("neutron") is None:
        return
    import_module("neutron.conf.common").register_core_common_config_opts(options.CONF)
    import_module("neutron.conf.plugins.ml2.config").register_ml2_plugin_opts(options.CONF)
    types = import_module("neutron.conf.plugins.ml2.drivers.driver_type")
    for kind in ("flat", "vlan", "vxlan", "gre", "geneve"):
        getattr(types, f"register_ml2_drivers_{kind}_opts")(options.CONF)


def _at_path(named: str) -> object:
    module, _, name = named.partition(":") if ":" in named else named.rpartition(".")
    try:
        found: object = import_module(module)
    except (Exception, SystemExit) as error:
        raise NeutronDriverError(f"driver {named}: cannot be imported: {type(error).__name__}: {error}") from error
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        raise NeutronDriverError(f"driver {named}: module {module} has no {name}") from None
    return found


def _at_entry_point(named: str) -> object:
    found = entry_points(group=ENTRY_POINTS)
    chosen = [point for point in found if point.name == named]
    if not chosen:
        known = ", ".join(sorted({point.name for point in found})) or "none; pip install 'bindsim[neutron]' brings some"
        raise NeutronDriverError(f"driver {named}: no such entry point in {ENTRY_POINTS}; there are: {known}")
    try:
        loaded: object = chosen[0].load()
    except (Exception, SystemExit) as error:
        told = f"{type(error).__name__}: {error}"
        raise NeutronDriverError(f"driver {named}: {chosen[0].value} cannot be imported: {told}") from error
    return loaded
