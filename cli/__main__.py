"""`python -m inspector.cli`, for systems where the script `kinspect` is not on the path."""

from .main import main

main()
