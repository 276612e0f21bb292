"""Private helpers for every subpackage: argument checks, types, warnings, the fork guard and atomic writes."""
