"""What is to be drawn, and where: draws announced before anybody can know them, and the bounds of sites."""
