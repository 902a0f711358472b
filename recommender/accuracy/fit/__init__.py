"""Refitting the calibration from measurements; only `recommend calibrate` imports this, and
`recommend accuracy` for rows that no hardware reaches (`beyond_datasheet`).
"""
