"""Model files: saving and loading of fitted forecasters in `.tsattn` files."""
