"""Compiled functions and other objects that are cached with a network and share its lifetime."""


def cached(network, cache, key, build):
    """Return a cached object of a network, which is built on first use.

    Args:
        network: A Keras model.
        cache: Name of the attribute that holds the objects, a dict.
        key: Key of the object.
        build: Function without arguments that returns the object.
    """
    objects = vars(network).setdefault(cache, {})  # not by `setattr`: Keras would track and export them
    if key not in objects:
        objects[key] = build()
    return objects[key]


def drop_cache(network, cache):
    """Clear a cache."""
    vars(network).pop(cache, None)
