"""The integer program, free of any solver: columns, rows, canonical integers.

program               columns and rows, and which rows a point breaks
column, row           an integer variable; a named linear inequality
canonical             every quantity rounded once, against the buyer
compared              rates that a row compares with each other: up or down, against the plan
constraints/          one family of rows per file: equation, symbols, function
"""
