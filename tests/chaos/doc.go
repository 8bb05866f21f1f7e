// Package chaos takes away, one after the other, what Nod stands on: its own processes, the
// database's primary, its disk, its connections, the network, the clock, and whoever is
// called. People go on asking meanwhile (package told), and afterwards everything that was
// acknowledged to them is held against the log, record by record.
//
// The short runs are among the tests. `make ha` makes the long ones: NOD_KILLS kills of
// functions, NOD_JUMPS jumps of clocks, NOD_FAILOVERS kills of the database's primary, and
// NOD_MISHAPS times each that it is frozen, alone, or without etcd. The tests of the cluster
// need Patroni and etcd.
package chaos
