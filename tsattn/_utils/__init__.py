"""Private helpers that every room may use: argument checks, types, warnings, the fork guard, atomic writes."""
