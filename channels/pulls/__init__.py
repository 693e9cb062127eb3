"""What is asked of platforms: pulls page by page (work.py), and what thin notices only name (lookups.py); both keep
what they bring as deliveries of the inbox, in the transaction that notes that it is there. Who calls them:
cdp/pipeline/pulls.py; how they stand: channels/connect/pulled.py.
"""
