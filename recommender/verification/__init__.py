"""Replaying a plan: does it keep its promise, also on a real trace and with nodes down?"""
