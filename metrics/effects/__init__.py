"""How large an effect is and how sure: statistics of cause that questions of several rooms stand on. Pure.

changes.py: before and after, difference in differences of days (blocks.py draws them); matching.py: persons who met
something against persons alike who did not; intervals.py: shares and means of two groups as they are; base.py: when no
answer is given. Not here: what is compared, and what it is worth.
"""
