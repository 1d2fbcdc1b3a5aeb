"""One question a file: (log directories, selection) -> Report."""
