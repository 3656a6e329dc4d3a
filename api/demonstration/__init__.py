"""The demonstration: the cable case, replayed through the one door as data and a small script. Nobody in it is real."""
