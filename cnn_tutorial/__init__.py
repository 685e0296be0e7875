"""Convolutional networks, explained in code that runs."""
