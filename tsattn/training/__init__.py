"""Training of networks: configuration, training loop, compiled networks, losses and seeds."""
