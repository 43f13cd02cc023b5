"""Holds warnings back until it is known whether an error says the same."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ser_plugins.core import registry


@contextmanager
def said_once() -> Iterator[None]:
    """Leave out the warning of a plugin that does not load where that ends the command.

    The other warnings come at the end, also after any other error.
    """
    held: list[logging.LogRecord] = []

    def hold(record: logging.LogRecord) -> bool:
        held.append(record)
        return False

    said = ""
    registry.log.addFilter(hold)
    try:
        yield
    except registry.PluginError as error:
        said = str(error)
        raise
    finally:
        registry.log.removeFilter(hold)
        broken = registry.default().broken if held else {}
        told = [why for why in broken.values() if said.endswith(why)]
        for record in held:
            if not any(record.getMessage().endswith(why) for why in told):
                registry.log.handle(record)
