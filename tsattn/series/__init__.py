"""The border with pandas: caller's series in, one buffer of numbers inside, the caller's own type out."""
