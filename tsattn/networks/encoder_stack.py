"""A stack of Transformer encoder blocks, shared by the Transformer and the inverted Transformer."""

from tsattn._utils.validation import check_count
from tsattn.layers.transformer_blocks import TransformerEncoder


def encoder_stack(skeleton, layers, **options):
    """Create a stack of encoder blocks.

    Args:
        skeleton: A `Skeleton`.
        layers: Number of blocks.
        **options: Further arguments of `TransformerEncoder`.

    Returns:
        List of `TransformerEncoder`.

    Raises:
        ValueError: If an option is invalid, or the number of heads does not divide the width.
    """
    blocks = [
        TransformerEncoder(**options, dropout=skeleton.dropout, name=f"encoder_{place}")
        for place in range(check_count("layers", layers))
    ]
    heads = blocks[0].heads
    if skeleton.units % heads:
        raise ValueError(
            f"`heads` is {heads}, but must divide `units`, which is {skeleton.units}. Use a multiple of `heads` as "
            "`units`, or fewer heads."
        )
    return blocks


def attend_through(blocks, tokens, mask=None, training=None):
    """Encode tokens by a stack of blocks, and also return the attention weights.

    Args:
        blocks: List of `TransformerEncoder`.
        tokens: Tensor `(batch, tokens, units)`.
        mask: Boolean tensor `(batch, tokens)`, True for visible tokens. Defaults to None.

    Returns:
        A pair: encoded tokens `(batch, tokens, units)`, and a list of weights `(batch, heads, tokens, tokens)`, one for
        each block.
    """
    layers = []
    for block in blocks:
        tokens, weights = block.attend(tokens, mask=mask, training=training)
        layers.append(weights)
    return tokens, layers
