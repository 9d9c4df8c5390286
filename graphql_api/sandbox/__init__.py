"""Stand-ins that let the whole product run on one machine: an embedded MongoDB and an OpenAI sandbox."""
