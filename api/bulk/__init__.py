"""Bulk: lists of drums, deliveries and installations, from a clerk's spreadsheet to signed events.

A file becomes rows (`csv_table`, `xlsx_table`), rows become values under a template's columns (`templates`, `cells`),
values are checked among themselves and against the registers and become events (`drums`, `deliveries`,
`installations`), and events are signed and sent (`sending`). Nothing but `vocabulary` knows a language.
"""
