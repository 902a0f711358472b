"""The cheapest round through fleets of a day on which nodes are started, in integers.

fleets <- cover_table (every fleet of a period within a price) -> shares -> rounds
"""
