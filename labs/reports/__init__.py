"""Reports issued, amended, withdrawn and denied; papers presented by whoever holds them."""
