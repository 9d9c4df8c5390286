"""The clients that real frontends use, in their own language: what they need, and how a test runs them."""
