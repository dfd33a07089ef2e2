"""The public providers on loopback: real HTTP, the snapshot's answers, and every way to fail."""
