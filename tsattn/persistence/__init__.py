"""Codecs of the `.tsattn` file format: arrays, and values of a closed list of types. Nothing in a file is executed."""
