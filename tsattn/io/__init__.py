"""Tables on disk as pandas series."""

from tsattn.io.tables import read_table as read_table
