// Package servertest runs real servers for tests and benchmarks, each on a free
// loopback port and in a folder of its own: PostgreSQL and Redis. They can be
// killed, paused and started again, and leave nothing behind.
package servertest
