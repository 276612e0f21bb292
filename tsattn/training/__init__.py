"""Training of networks: settings, training loop, compiled networks, losses and seeds."""
