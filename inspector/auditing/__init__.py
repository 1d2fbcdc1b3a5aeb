"""What a producer was told, held against what lies on the disk."""
