"""Who stands behind whom: what regulators have on record of parties, without naming a person."""
