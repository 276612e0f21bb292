"""sha256 digests of the files in `weights`, as `benchmarks/pretrain.py` prints them."""

DIGESTS = {
}
