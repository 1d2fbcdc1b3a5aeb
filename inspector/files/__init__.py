"""What the files beside the logs hold: indexes, snapshots, and the small text files, told apart by their names."""
