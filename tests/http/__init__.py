"""Tests of the HTTP edge, over real loopback sockets."""
