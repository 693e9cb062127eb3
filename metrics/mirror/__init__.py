"""The columnar mirror: narrow copies of touches and orders in Parquet, read by DuckDB; never the truth.

tables.py says what it holds, metrics/capture.py what a batch adds, sync.py how files follow, build.py how they are
made anew, reading.py how a question is asked, place.py where they lie: in a folder (files.py), in a bucket (cache.py).
Not here: the questions (metrics/journeys, metrics/breakdown).
"""
