"""sha256 digests of the files in `weights`, as `benchmarks/pretrain.py` prints them."""

DIGESTS = {
    "attention-12.safetensors": "a88ab7aa359fb6f1f0459b13bf3be74d176ca7851d97e93d5b2b22eec31add8e",
    "seq2seq-12.safetensors": "9bc8f890a0fbdfb26659e6d5647928e430d69c33711a87ecb2eea402ac5e3ca2",
}
