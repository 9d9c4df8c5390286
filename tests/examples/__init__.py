"""The examples of typed clients: generated, checked and run as their README says, against the real server."""
