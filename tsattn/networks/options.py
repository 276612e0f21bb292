"""The options of a family of networks: the arguments that only its networks have."""

import inspect

# Options that count blocks, so that the network grows without bound with them.
BLOCK_COUNTS = ("layers", "decoder_layers")


def default_options(build):
    """Return the default options of a function that builds a network.

    The function is the only place of these defaults: the fields of the forecaster of a family read them.

    Args:
        build: The function, whose options are its keyword-only arguments.

    Returns:
        Dict of the defaults by name.

    Example:

    >>> from tsattn.networks import seq2seq
    >>> default_options(seq2seq)
    {'layers': 1, 'bidirectional': False}
    """
    parameters = inspect.signature(build).parameters.values()
    return {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}
