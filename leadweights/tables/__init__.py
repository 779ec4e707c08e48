"""Rows wherever they are: files, DataFrames, engines that answer a SELECT."""
