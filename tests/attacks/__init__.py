"""What may befall the service: killed, starved, cut off. Whatever it has acknowledged stands."""
