"""The storm's own tests: that it rages, and that its judge finds what is wrong."""
