"""What the product can do, measured: `bin/bench`. Not collected by pytest, for no test may depend on time."""
