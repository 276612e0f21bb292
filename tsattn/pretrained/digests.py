"""sha256 digests of the files in `weights`, as `benchmarks/pretraining/pretrain.py` writes them."""

DIGESTS = {
    "attention-1.safetensors": "14d094b9500ea58ff0b39fa238d710c88e6311c86748600daefa41247410eb2c",
    "attention-12.safetensors": "f2d832df8f5b29dffe6ba3cf16c0f4818d52f9135d764e92c503e7ac61756ef2",
    "attention-24.safetensors": "12102042e831024a40d573fb4a70564031744d2e0eb0d8c8f1567afce229fdb9",
    "attention-4.safetensors": "b38cdc25ef174b90f202f838df256097a192ae9844b33d374ee411098c5ddf80",
    "seq2seq-1.safetensors": "7f316736f2101c138d4f499ab296d7c1f4b2d93af9180d0495364f0999c3e7b4",
    "seq2seq-12.safetensors": "0a0e0bdfe7e20cdbb0caf893e201de45b6bdd2840c4fad6f6392a697da9214e7",
    "seq2seq-24.safetensors": "4dbe4ea764ca581eb484b14a24cab07226a4947fe27498e2b9628aa89bd37dab",
    "seq2seq-4.safetensors": "71b75db5e64301726519a7a14cb4dad43cad2aeb1160ca6273c7d8a3d858ff0f",
    "transformer-1.safetensors": "eb68bc504eb20119f4c7f9f5f79131ded7c55b7a343b5b5f3577b507a143d99a",
    "transformer-12.safetensors": "d562f904ef4d3e8c88160bf7146e46a615ba3b4ae2c83de09e3ccc94df19582b",
    "transformer-24.safetensors": "3f97b2105b7d30d84629726762b074e7761ec1dacca7283be90621fbdf6351dd",
    "transformer-4.safetensors": "4b1f0fefab5ec3bcd64ab508d2c0a38456903ece84fd9d107f77d59527920922",
}
