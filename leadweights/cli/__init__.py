"""The command line: parse, call one function, write files. The only room that prints."""
