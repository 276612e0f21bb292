"""Codecs of the `.tsattn` file: values of a closed list of types, and arrays. Nothing in a file is executed."""
