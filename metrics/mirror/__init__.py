"""The columnar mirror: narrow copies of touches and orders in Parquet, read by DuckDB; never the truth.

tables.py says what it holds, metrics/capture.py what a batch adds, sync.py how files follow, build.py how they are
made anew, reading.py how a question is asked. Not here: the questions (metrics/journeys, metrics/breakdown).
"""
