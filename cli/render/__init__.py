"""Reports as text: tables for people, JSON lines and CSV for machines. Knows reports and findings, and no Kafka.

Data goes to stdout. Findings, summaries and the verdict follow their rows there in a table, and go to stderr where the
data is for machines.
"""
