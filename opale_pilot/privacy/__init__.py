"""Personal data: what is kept, how long, and how a person is found, told and erased. Everything reads privacy.toml."""
