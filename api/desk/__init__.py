"""The material desk: what a person types into a form becomes the bodies of statements, drafted here, signed there."""
