"""Refitting the calibration from measurements; only `recommend calibrate` imports this."""
