// Package patroni gives a test three PostgreSQL nodes under Patroni, with etcd, and takes
// them away again. Replication is synchronous and strict: what was committed is on two
// nodes, or the commit waits.
//
//	c := patroni.Start(t)
//	store.Open(c.DSN(), ...)
//	c.Primary().Kill()
//
// All of it runs on loopback, in a folder of its own under /tmp, by the programs of
// Debian's packages (scripts/setup.sh ha installs them and starts no service). Nothing
// stays behind; after a test binary that was killed, the next start takes away what it
// left. It is for Linux alone.
package patroni
