"""sha256 digests of the files in `weights`, as `benchmarks/pretrain.py` prints them."""

DIGESTS = {
    "attention-12.safetensors": "a88ab7aa359fb6f1f0459b13bf3be74d176ca7851d97e93d5b2b22eec31add8e",
}
