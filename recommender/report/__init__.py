"""SEAM 3. A plan shown: sections of blocks first, then text in one of the formats.

what is said    sections/, blocks; asked (names of what was asked), quantities (numbers for people)
format          render -> terminal <- column_widths; markdown <- front_plot; html <- front_data;
                json_plan
read back       read -> json_plan <- decode; json_schema
other answers   sweep_table, mixed_front_report, catalog_tables, trace_section; of a replay
                verification_section <- undecided, outage_section
on a screen     show, progress_display, printable, safe_output
in a notebook   frames
"""
