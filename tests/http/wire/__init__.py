"""The tests of ``graphql_api.http.wire``, over raw sockets."""
