"""The log for other people's tools: C2SP tlog-tiles, outside the JSON API and its manners. The shell publishes, so
nothing is imported here: the routes know the shell.
"""
