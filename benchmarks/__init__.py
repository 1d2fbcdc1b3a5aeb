"""What is measured, as programs that print figures: nothing here is part of the package or of the tests."""
