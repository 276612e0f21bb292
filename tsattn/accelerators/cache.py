"""Compiled functions and other objects that belong to one network and live as long as it does."""


def cached(network, cache, key, build):
    """Return an object of a network, and build it on first use.

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
    """Forget all objects of a cache."""
    vars(network).pop(cache, None)
