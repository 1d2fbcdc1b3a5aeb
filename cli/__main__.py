"""`python -m inspector.cli`, for systems where the script `kinspect` is not on the path."""

from .start import main

main()
