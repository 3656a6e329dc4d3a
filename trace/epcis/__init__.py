"""EPCIS 2.0 events as values; Digital Link identifiers."""
