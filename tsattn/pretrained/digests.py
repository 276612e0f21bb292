"""sha256 digests of the files in `weights`, as `benchmarks/pretraining/pretrain.py` writes them."""

DIGESTS = {
    "attention-1.safetensors": "d639534d9139fcbc28c6b10d4b58d76acddf8fc2bcb65cf17e8fc5b6b436cd79",
    "attention-12.safetensors": "b877bf56934f78475108b87cea4dc8a0d24c88c8a0dfede68622fb8adab87848",
    "attention-4.safetensors": "7ec4600120ec57f18d53c6cfbeb4dafb7fe8910827e07829f920ae28699f0a95",
    "seq2seq-1.safetensors": "79553bae9c0debfab8ac86c56072c435b3b96da86436f982adc0257f441508e6",
    "seq2seq-12.safetensors": "9bc8f890a0fbdfb26659e6d5647928e430d69c33711a87ecb2eea402ac5e3ca2",
    "seq2seq-4.safetensors": "8d1fc5ab5e4326c4c3c26dec725505f14d945ebd79a44f2952f1a8cb748458f1",
    "transformer-1.safetensors": "f4ed8675c9b44bf91308387bfcbe569393d3ecb3bac9b9848787ca9fb7c083c9",
    "transformer-12.safetensors": "251e42ffe05a84644dd432ca30852e95fd3db072e1a103def09f06bebbeb75ee",
    "transformer-4.safetensors": "e36c121f52ea73698974b3d2170480fa0140549bd2fc30bfd1062cb76606c80f",
}
