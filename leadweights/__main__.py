"""Run the command line by `python -m leadweights`."""

from leadweights.cli import main

main(prog_name="leadweights")
