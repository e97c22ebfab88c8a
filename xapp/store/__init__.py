"""Durable state: the last allocation of every cell, written behind the decision path."""
