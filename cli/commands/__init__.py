"""The verbs, one a file. A command is glue: words in, one library call, words out."""
