"""The developer's tools: `python -m tools demo|test|check|golden`, with nothing but the standard library."""
