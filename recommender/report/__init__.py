"""SEAM 3. A plan shown: sections of blocks first, then text in one of the formats.

sections/, blocks     what is said, in the order in which a reader needs it
render                by format: terminal, markdown, html, json_plan
decode, json_schema, read    a saved plan, read back
"""
