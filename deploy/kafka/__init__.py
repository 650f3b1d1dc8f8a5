"""Apache Kafka on this machine, for tests and for trying: a broker of its own on loopback, nothing
to install but Java and Maven.
"""
