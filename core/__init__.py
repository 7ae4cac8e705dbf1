"""The port binding core: the code that a network controller runs. Standard library and SQLAlchemy only."""
