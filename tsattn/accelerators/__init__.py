"""Code that names a backend or exists only for speed: each piece stands beside its plain Keras twin."""
