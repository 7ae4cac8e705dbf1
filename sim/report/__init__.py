"""Reports: what people read. Text tables for the terminal; the only package that may draw."""
