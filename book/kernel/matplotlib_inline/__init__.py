"""Stands in for matplotlib-inline in the page: what relubook.figures asks it for."""
