"""Writes what the registry knows as Markdown, for pages that nobody has to keep up by hand."""

from functools import partial

from ser_plugins.core.registry import KINDS

from . import commands, plugins, protocols

# By the name that a page asks for.
WRITERS = {
    "features": plugins.features,
    "models": plugins.models,
    "augmentations": plugins.augmentations,
    "datasets": plugins.datasets,
    "protocols_at_a_glance": protocols.at_a_glance,
    "protocols": protocols.each_fold,
    "experiments": commands.experiments,
    "fragments": commands.fragments,
    "keys": commands.keys,
    "commands": commands.commands,
    **{f"promises_of_{kind}": partial(plugins.promises_of, kind) for kind in KINDS},
}
