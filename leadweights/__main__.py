"""Run the command line by `python -m leadweights`."""

from leadweights.cli.main import main

main(prog_name="leadweights")
