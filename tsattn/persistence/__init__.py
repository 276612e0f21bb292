"""The `.tsattn` file: plain values of a closed list of types, and arrays; nothing in it is ever run."""
